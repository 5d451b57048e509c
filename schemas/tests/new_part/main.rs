//! How much work a new part is. A patch adds a gadget to a copy of the tree; the copy must compile,
//! and its deployment must be complete. `docs/make-it-yours.md` describes this patch.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says so and ends"
)]

mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const PATCH: &str = include_str!("gadget.patch");
/// The most files that may have to be edited or written by hand.
const MOST_FILES: usize = 8;
/// The most lines that may have to be written or removed by hand.
const MOST_LINES: usize = 150;

/// The files of the patch, each with the number of its lines that are added or removed.
fn counted() -> Vec<(&'static str, usize)> {
    let mut files = Vec::new();
    for line in PATCH.lines() {
        if let Some(file) = line.strip_prefix("diff --git a/") {
            files.push((file.split(" b/").next().unwrap_or(file), 0));
        } else if line.starts_with(['+', '-'])
            && !line.starts_with("+++ ")
            && !line.starts_with("--- ")
        {
            files.last_mut().unwrap().1 += 1;
        }
    }
    files
}

#[test]
fn a_new_part_is_few_files_and_lines_by_hand() {
    let files = counted();
    let lines: usize = files.iter().map(|(_, lines)| lines).sum();
    for (file, lines) in &files {
        println!("{lines:4} {file}");
    }
    println!("{lines:4} lines in {} files", files.len());
    assert!(files.len() <= MOST_FILES && lines <= MOST_LINES, "{lines} lines in {files:?}");
}

#[test]
fn a_tree_with_a_new_part_compiles_and_its_deployment_is_complete() {
    let copy = tree::copy();
    // The patch as it is: the guide shows its lines.
    run(&copy, "git", &["apply", "-C1", "-"], Some(PATCH));
    every_migration_has_a_number_of_its_own(&copy);
    let check = ["check", "--quiet", "--offline", "--workspace", "--all-targets"];
    run(&copy, "cargo", &check, None);
    // With the whole workspace: its choice of features is compiled already.
    let facts = ["test", "--quiet", "--offline", "--workspace", "--test", "deployment"];
    run(&copy, "cargo", &facts, None);
}

/// A database refuses two migrations of one number when the program starts: no compiler sees them.
fn every_migration_has_a_number_of_its_own(copy: &Path) {
    for database in ["mysql", "sqlite"] {
        let folder = copy.join("schemas/migrations").join(database);
        let mut numbers = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let number = name.split('_').next().unwrap().to_owned();
            assert!(numbers.insert(number), "{database}: another one has the number of {name}");
        }
    }
}

/// Runs a command in the copy. The copy uses the target folder of the tree, so that dependencies are
/// built once.
fn run(copy: &Path, program: &str, arguments: &[&str], input: Option<&str>) {
    use std::io::Write;
    use std::process::Stdio;

    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", tree::target())
        // The copy may be inside a repository; git shall patch the copy.
        .env("GIT_CEILING_DIRECTORIES", copy.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().unwrap().write_all(input.unwrap_or_default().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} in {}: {said}", copy.display());
}
