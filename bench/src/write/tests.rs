//! What is written is valid, whatever a run has measured.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;
use crate::machine::Machine;
use crate::results::{Floor, Sample, What};

fn sample(rate: f64) -> Sample {
    let cpu = [("gateway", 16.0), ("decider", 9.5), ("RabbitMQ", 30.0)];
    let cpu = cpu.map(|(name, micros)| (name.to_owned(), micros)).to_vec();
    let sizes = (Some(59.7), Some(118.0));
    let (p50, p99, p99_9) = (16.8, 31.0, 55.5);
    let (errors, replies, memory) = (0, 113_000, 81_920);
    Sample { rate, p50, p99, p99_9, errors, replies, cpu, batch: sizes.0, rows: sizes.1, memory }
}

fn results() -> Results {
    let mut results = empty();
    for what in [What::Cluster, What::Embedded, What::ClusterLivez, What::OwnQueues] {
        for (callers, rate) in [(1, 310.0), (64, 6_850.0), (256, 14_100.0), (1_024, 15_000.0)] {
            for times in [0.97, 1.0, 1.04] {
                results.add(what, callers, sample(rate * times));
            }
        }
    }
    let floor =
        Floor { http: 0.05, confirm: 0.4, parts: 0.3, decisions: 0.2, commit: 0.3, own_queue: 0.2 };
    results.floors = vec![floor];
    results.starts = vec![88.0, 91.5];
    results
}

fn empty() -> Results {
    let processor = "A processor | with & <signs>".to_owned();
    let machine = Machine { processor, cores: 2, ..Machine::default() };
    let (levels, floors, starts) = (Vec::new(), Vec::new(), Vec::new());
    Results { machine, seconds: 8, rounds: 3, rows: Some(10_000_000), levels, floors, starts }
}

/// The events of the page as Markdown.
fn page(results: &Results) -> String {
    files(results).into_iter().find(|(path, _)| path == "BENCHMARKS.md").unwrap().1
}

#[test]
fn every_plot_is_xml_for_light_and_dark_pages_and_the_page_shows_it() {
    let results = results();
    let page = page(&results);
    let plots: Vec<_> =
        files(&results).into_iter().filter(|(path, _)| path != "BENCHMARKS.md").collect();
    assert_eq!(plots.len(), 3);
    for (path, text) in plots {
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg", "{path}");
        let count = |name| {
            root.children()
                .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name)))
                .count()
        };
        assert!(count("rect") > 6 && count("text") > 6, "{path}");
        assert!(text.contains("prefers-color-scheme:dark") && !text.contains("NaN"), "{path}");
        assert!(page.contains(&format!("]({path})")), "{path}");
    }
}

#[test]
fn the_page_is_markdown_whose_tables_have_as_many_cells_in_each_line() {
    for results in [results(), empty()] {
        let page = page(&results);
        let lines: Vec<&str> = page.lines().collect();
        let blocks = lines.split(|line| !line.starts_with('|')).filter(|block| !block.is_empty());
        let blocks: Vec<_> = blocks.collect();
        for block in &blocks {
            let cells = |line: &str| line.matches('|').count();
            assert!(block.iter().all(|line| cells(line) == cells(block[0])), "{block:#?}");
        }
        let events: Vec<_> = Parser::new_ext(&page, Options::ENABLE_TABLES).collect();
        let tables = events.iter().filter(|event| matches!(event, Event::Start(Tag::Table(_))));
        assert_eq!(tables.count(), blocks.len());
        let heading = |text: &str| {
            events.windows(2).any(|two| match two {
                [Event::Start(Tag::Heading { .. }), Event::Text(heading)] => &**heading == text,
                _ => false,
            })
        };
        assert!(heading("Targets") && heading("Physics") && !page.contains("NaN"));
    }
}

#[test]
fn a_target_is_met_missed_or_not_measured() {
    let page = page(&results());
    let cells = |target: &str| {
        let rows = page.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
        let row = rows.into_iter().find(|row| row.get(1) == Some(&target)).unwrap();
        row[2..5].join(", ")
    };
    assert_eq!(cells("256 callers: of it the gateway"), "≤ 16.0 µs, 16.0 µs, yes");
    assert_eq!(cells("64 callers"), "≥ 15,000 missions/s, 6,850 missions/s, NO");
    assert_eq!(cells("full table: p99 of a list page anywhere"), "< 5.00 ms, –, not measured");
    assert_eq!(cells("1 caller: p99, of p50"), "≤ 3.00 times, 1.85 times, yes");
}

#[test]
fn the_data_is_read_as_it_was_written() {
    let results = results();
    let text = serde_json::to_string(&results).unwrap();
    assert_eq!(serde_json::from_str::<Results>(&text).unwrap(), results);
}

#[test]
fn the_committed_page_and_plots_are_made_of_the_committed_data() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let Ok(data) = fs::read_to_string(root.join(DATA)) else {
        let page = root.join("BENCHMARKS.md");
        return assert!(!page.exists(), "BENCHMARKS.md is there and {DATA} is not");
    };
    for (path, text) in files(&serde_json::from_str(&data).unwrap()) {
        let committed = fs::read_to_string(root.join(&path)).unwrap_or_default();
        testkit::drift::assert_same(&path, &text, &committed, "cargo xtask bench --render");
    }
}
