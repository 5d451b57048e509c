//! `spymission missions`, on both databases.

mod export;

use std::process::{Command, Stdio};

use schemas::{Casebook, CreatedAt, Decision, Dossier, Letter, Mission, Number};
use store::Store;
use tempfile::TempDir;
use testkit::servers::Database;
use uuid::Uuid;

use super::run;

/// 2026-11-22T00:00:00Z, in microseconds.
const BEGIN: i64 = 1_795_305_600_000_000;

/// A database to read from.
struct Shelf {
    url: String,
    store: Store,
    _directory: Option<TempDir>,
    _database: Option<Database>,
}

async fn shelves() -> [Shelf; 2] {
    let (directory, database) = (TempDir::new().unwrap(), testkit::servers::database());
    let urls = [
        format!("sqlite:{}", directory.path().join("missions.db").display()),
        database.url.clone(),
    ];
    let [sqlite, mysql] = urls.map(|url| (Store::new(&url.parse().unwrap()), url));
    sqlite.0.migrate().await.unwrap();
    mysql.0.migrate().await.unwrap();
    let shelf =
        |(store, url): (Store, String)| Shelf { url, store, _directory: None, _database: None };
    [
        Shelf { _directory: Some(directory), ..shelf(sqlite) },
        Shelf { _database: Some(database), ..shelf(mysql) },
    ]
}

/// This many decisions; each number and each letter comes first in some of them.
fn decisions(count: usize) -> Vec<Decision> {
    let malory = Casebook::malory().unwrap();
    let mut dossier: Dossier = "19 z 4 a 7 k 0 b 12 q 3 m".parse().unwrap();
    let (numbers, letters): (Vec<_>, Vec<_>) = (Number::all().collect(), Letter::all().collect());
    let decision = |i: usize| {
        dossier.numbers = [numbers[i % numbers.len()]; 6].into();
        let letters = String::from_iter([letters[i % letters.len()].get(); 6]);
        dossier.letters = letters.parse().unwrap();
        malory.decide(Uuid::new_v4().into(), &dossier.with_example_parts())
    };
    (0..count).map(decision).collect()
}

impl Shelf {
    /// Stores this many missions, one second apart.
    async fn fill(&self, count: usize) -> Vec<Mission> {
        let mut stored = Vec::new();
        for (decision, second) in decisions(count).into_iter().zip(0..) {
            let at = CreatedAt::from_micros(BEGIN + second * 1_000_000).unwrap();
            let mut one = self.store.store(&[decision], at).await.unwrap();
            stored.push(one.pop().unwrap().unwrap());
        }
        stored
    }

    async fn missions(&self, arguments: &[&str]) -> (i32, String) {
        run(&[("SPYMISSION_DATABASE", &self.url)], &[&["missions"][..], arguments].concat()).await
    }

    /// Its output as JSON lines.
    async fn json(&self, arguments: &[&str]) -> Vec<Mission> {
        let (code, said) = self.missions(&[arguments, &["--format", "json"]].concat()).await;
        assert_eq!(code, 0, "{said}");
        // Beside them it says that there are none.
        let missions = said.lines().filter(|line| !line.starts_with("no "));
        missions.map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[tokio::test]
async fn the_list_shows_the_newest_first_and_no_more_than_the_limit() {
    for shelf in shelves().await {
        let mut stored = shelf.fill(25).await;
        stored.reverse();
        assert_eq!(shelf.json(&["list"]).await, stored[..20]);
        assert_eq!(shelf.json(&["list", "--limit", "3"]).await, stored[..3]);
        let (code, said) = shelf.missions(&["list", "--limit", "2"]).await;
        let lines: Vec<_> = said.lines().collect();
        assert_eq!((code, lines.len()), (0, 2), "no header where no terminal is: {said}");
        for (line, Mission { id, objective, target, .. }) in lines.iter().zip(&stored) {
            assert!(line.starts_with(&id.to_string()), "{line}");
            assert!(line.ends_with(&format!("Z  {objective} {target}")), "{line}");
        }
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_objective_target_dossier_and_time() {
    for shelf in shelves().await {
        let mut stored = shelf.fill(40).await;
        stored.reverse();
        let wanted = |fits: &dyn Fn(&Mission) -> bool| -> Vec<Mission> {
            stored.iter().filter(|mission| fits(mission)).take(20).cloned().collect()
        };
        let follow = shelf.json(&["list", "--objective", "Follow"]).await;
        assert_eq!(follow, wanted(&|mission| mission.objective.as_str() == "Follow"));
        let arguments = ["list", "--objective", "Follow", "--target", "Duchess"];
        let both = wanted(&|mission| {
            mission.objective.as_str() == "Follow" && mission.target.as_str() == "Duchess"
        });
        assert!(!both.is_empty());
        assert_eq!(shelf.json(&arguments).await, both);
        let beginning: String = stored[0].dossier.to_string().chars().take(2).collect();
        let begins = wanted(&|mission| mission.dossier.to_string().starts_with(&beginning));
        assert_eq!(shelf.json(&["list", "--dossier", &beginning]).await, begins);
        let (since, until) = ("2026-11-22T00:00:05Z", "2026-11-22T00:00:15+00:00");
        let between = shelf.json(&["export", "--since", since, "--until", until]).await;
        assert_eq!(between, stored[25..35]);
        assert_eq!(shelf.json(&["list", "--until", "2026-11-22"]).await, []);
        assert_eq!(shelf.json(&["list", "--since", "2026-11-22"]).await, stored[..20]);
    }
}

#[tokio::test]
async fn show_prints_a_mission_and_the_rules_that_gave_it() {
    for shelf in shelves().await {
        let stored = shelf.fill(20).await;
        let Mission { id, dossier, created_at, .. } = &stored[19];
        let (code, said) = shelf.missions(&["show", &id.to_string()]).await;
        assert_eq!(code, 0, "{said}");
        let (dossier, created_at) = (dossier.to_string(), created_at.to_string());
        let rules = ["number = 19", "any other", "malory", "Steal the DB_URI from"];
        for words in [&[&*dossier, &created_at][..], &rules].concat() {
            assert!(said.contains(words), "{words}: {said}");
        }
        let unknown = Uuid::new_v4().to_string();
        let (code, said) = shelf.missions(&["show", &unknown]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(&unknown) && said.contains("there is no mission"), "{said}");
        let (code, said) = shelf.missions(&["show", "007"]).await;
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("UUID"), "{said}");
    }
}

#[tokio::test]
async fn a_missing_table_is_not_created_and_the_next_step_is_named() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("missions.db");
    let sqlite = format!("sqlite:{}", file.display());
    for action in [&["list"][..], &["export"], &["show", "01a20395-78d2-7724-afc9-ae760b63f500"]] {
        let arguments = [&["missions"][..], action, &["--database", &sqlite]].concat();
        let (code, said) = run(&[], &arguments).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("there is no file") && !file.exists(), "{said}");
        let database = testkit::servers::database();
        let arguments = [&["missions"][..], action, &["--database", &database.url]].concat();
        let (code, said) = run(&[], &arguments).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("spymission migrate"), "{said}");
    }
}

#[tokio::test]
async fn a_filter_that_no_mission_can_meet_is_refused() {
    for (arguments, word) in [
        (&["list", "--limit", "0"][..], "--limit"),
        (&["list", "--limit", "1001"], "--limit"),
        (&["list", "--since", "yesterday"], "--since"),
        (&["export", "--since", "1h", "--until", "2h"], "--until"),
        (&["list", "--objective", ""], "--objective"),
        (&["list", "--dossier", "z"], "--dossier"),
        (&["export", "--format", "table"], "--format"),
    ] {
        let (code, said) = run(&[], &[&["missions"][..], arguments].concat()).await;
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// Runs it under `script`, which gives it a terminal.
fn on_a_terminal(command: &str, no_color: bool) -> String {
    let mut script = Command::new("script");
    script.args(["-qec", command, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    if no_color {
        script.env("NO_COLOR", "1");
    }
    let output = script.stdin(Stdio::null()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_terminal_gets_a_header_and_colours_unless_it_wants_none() {
    let [shelf, _] = shelves().await;
    shelf.fill(1).await;
    let (program, url) = (env!("CARGO_BIN_EXE_spymission"), &shelf.url);
    let said = on_a_terminal(&format!("{program} missions list --database {url}"), false);
    assert!(said.starts_with("ID ") && said.lines().count() == 2, "{said}");
    let check = format!("{program} check --database {url}");
    assert!(on_a_terminal(&check, false).contains("\u{1b}[32mok"));
    let plain = on_a_terminal(&check, true);
    assert!(plain.contains("ok ") && !plain.contains('\u{1b}'), "{plain}");
    let (_, said) = run(&[], &["check", "--database", url]).await;
    assert!(!said.contains('\u{1b}'), "{said}");
}
