//! README and every page of `docs/`: each command is run as it is printed, and what it prints is as
//! shown. What needs machines that a test does not have is in one list, `elsewhere`.

mod block;
mod broker;
mod elsewhere;
mod output;
mod place;
mod presumed;
mod programs;

use std::fs;
use std::path::{Path, PathBuf};

use block::{Block, blocks};
use elsewhere::ELSEWHERE;
use place::Place;
use presumed::Presumed;

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

macro_rules! pages {
    ($($fact:ident: $page:literal, $presumed:ident;)*) => {
        /// Every page.
        const PAGES: &[&str] = &[$($page),*];
        $(#[tokio::test]
        async fn $fact() {
            runs_as_shown($page, Presumed::$presumed).await;
        })*
    };
}

pages! {
    the_readme_runs_as_shown: "README.md", Nothing;
    the_page_about_amqp_runs_as_shown: "docs/amqp.md", Nothing;
    the_page_about_clients_runs_as_shown: "docs/clients.md", Servers;
    the_page_about_the_command_line_runs_as_shown: "docs/command-line.md", Embedded;
    the_page_about_settings_runs_as_shown: "docs/configuration.md", Nothing;
    the_page_about_debian_runs_as_shown: "docs/debian.md", Nothing;
    the_page_about_http_runs_as_shown: "docs/http.md", Embedded;
    the_page_about_changes_runs_as_shown: "docs/make-it-yours.md", Nothing;
    the_page_about_metrics_runs_as_shown: "docs/metrics.md", Nothing;
    the_page_about_operations_runs_as_shown: "docs/operations.md", Node;
    the_page_about_risks_runs_as_shown: "docs/risks.md", Nothing;
    the_page_about_scaling_runs_as_shown: "docs/scaling.md", Nothing;
    the_page_about_servers_runs_as_shown: "docs/servers.md", Node;
    the_page_about_speed_runs_as_shown: "docs/speed.md", Nothing;
    the_page_about_swarm_runs_as_shown: "docs/swarm.md", Nothing;
    the_page_about_topology_runs_as_shown: "docs/topology.md", Nothing;
}

/// Runs what the page prints, in order, but what is in the list.
async fn runs_as_shown(page: &str, presumed: Presumed) {
    let blocks = blocks(page);
    let mut place: Option<Place> = None;
    for block in blocks.iter().filter(|block| elsewhere::of(block).is_none()) {
        match block.language.as_str() {
            "" => {} // a drawing
            "console" | "sql" => {
                if place.is_none() {
                    place = Some(Place::new(presumed).await);
                }
                place.as_mut().unwrap().run(block).await;
            }
            _ => is_in_a_file(block),
        }
    }
    if let Some(place) = place {
        place.leave().await;
    }
}

/// Other code is a part of a file that tests compile or run.
fn is_in_a_file(block: &Block) {
    let mut files: Vec<_> = fs::read_dir(root().join("schemas/examples")).unwrap().collect();
    files.extend(fs::read_dir(root().join("schemas/tests/new_part")).unwrap());
    let has = files.into_iter().any(|file| {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let added: Vec<_> = text.lines().filter_map(|line| line.strip_prefix('+')).collect();
        let flat = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let shown = flat(&block.text);
        text.contains(&block.text) || flat(&added.join("\n")).contains(&shown)
    });
    assert!(has, "no file that is tested has what {} shows:\n{}", block.page, block.text);
}

#[test]
fn every_page_has_its_test() {
    let mut there = vec!["README.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        there.extend(name.ends_with(".md").then(|| format!("docs/{name}")));
    }
    there.sort();
    assert_eq!(there, PAGES);
}

#[test]
fn the_list_of_what_runs_elsewhere_names_blocks_and_tests_that_there_are() {
    let all: Vec<_> = PAGES.iter().flat_map(|page| blocks(page)).collect();
    let tests = elsewhere::sources();
    for entry in ELSEWHERE {
        let named = all.iter().filter(|block| entry.is_of(block)).count();
        assert_eq!(named, 1, "{}: {}", entry.page, entry.begins);
        let is_there = elsewhere::has(&tests, entry);
        assert!(is_there, "there is no test {:?} ({})", entry.shown_by, entry.begins);
        assert!(!entry.reason.is_empty(), "{}: no reason", entry.begins);
    }
}

#[test]
fn the_readme_is_at_most_180_lines() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 180, "{lines} lines");
}

/// `Type::name` and `name` in the walk through one mission are in the file that is named with them.
#[test]
fn the_walk_through_one_mission_names_what_is_in_the_code() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let walk = text.split_once("## The way of a mission").unwrap().1;
    let walk = walk.split_once("\nA **requester**").unwrap().0;
    let quoted: Vec<_> = walk.split('`').skip(1).step_by(2).collect();
    let (files, names): (Vec<&str>, Vec<&str>) =
        quoted.into_iter().partition(|word| word.ends_with(".rs"));
    assert!(files.len() > 10 && names.len() > 15, "{files:?} {names:?}");
    let sources: Vec<_> = files
        .iter()
        .map(|file| fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{file}?")))
        .collect();
    for name in names {
        let (of, last) = name.rsplit_once("::").unwrap_or(("", name));
        let declared = ["fn ", "struct "].map(|kind| format!("{kind}{last}"));
        let found = sources.iter().any(|text| {
            declared.iter().any(|words| text.contains(words))
                && (of.is_empty() || text.contains(of))
        });
        assert!(found, "ARCHITECTURE.md names {name}, which is in none of {files:?}");
    }
}
