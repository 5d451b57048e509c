//! What the risk assessment says is shown by a test is shown by a test that exists.

use std::fs;
use std::path::Path;

use xtask::workspace::root;

use super::text;

/// All sources below this folder, one after the other.
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, into);
        } else if name.ends_with(".rs") {
            *into += &fs::read_to_string(path).unwrap();
        }
    }
}

/// Whether a function of this name is a test, or is shown as a fact about a deployment.
fn is_shown(name: &str, all: &str, facts: &str) -> bool {
    let function = format!("fn {name}(");
    let is_test = |at: usize| {
        let begins = all[..at].rsplit("\n\n").next().unwrap_or_default();
        begins.contains("test]") || begins.contains("test(")
    };
    all.match_indices(&function).any(|(at, _)| is_test(at)) || facts.contains(&function)
}

#[test]
fn every_risk_names_tests_that_exist() {
    let risks = text("docs/risks.md");
    let (table, _) = risks.split_once("## Threat model").unwrap();
    let (mut all, mut facts) = (String::new(), String::new());
    sources(&root(), &mut all);
    sources(&root().join("tests/deployment/src"), &mut facts);
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| Risk ");
    let rows: Vec<&str> = table.lines().filter(is_row).collect();
    assert!(rows.len() > 10, "{} rows", rows.len());
    for row in rows {
        let shown = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        for name in names {
            assert!(is_shown(name, &all, &facts), "there is no test {name}");
        }
    }
}
