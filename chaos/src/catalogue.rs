//! The catalogue of faults, the tests of each, and its page `tests/FAULTS.md`.

use std::collections::BTreeMap;

use crate::report::Worst;

/// Where the page is, below the root of the workspace.
pub(crate) const PAGE: &str = "tests/FAULTS.md";

const TEXT: &str = include_str!("catalogue.txt");

/// One fault.
struct Row {
    number: &'static str,
    fault: &'static str,
    /// Names of tests.
    tests: Vec<&'static str>,
    /// Names of faults that a chaos run makes.
    kinds: Vec<&'static str>,
    /// What is not shown, and why.
    not_shown: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut fields = line.split('|');
        let mut next = || fields.next();
        let (number, fault, tests, kinds) = (next()?, next()?, next()?, next()?);
        let tests = tests.split_whitespace().collect();
        let kinds = kinds.split(';').map(str::trim).filter(|kind| !kind.is_empty()).collect();
        Some(Row { number, fault, tests, kinds, not_shown: next()? })
    })
}

/// The page, with the results of a run by the names of its faults. What was not made in this run keeps
/// what the page before says.
pub(crate) fn page(results: &BTreeMap<String, Worst>, before: &str) -> String {
    let mut page = String::from(
        "# Faults\n\nWhat may go wrong, and what shows that nothing is lost by it. A test in the second column \
         passes or stops the build. The last column is the worst of one chaos run: how often the fault was \
         made, the longest time without a mission over HTTP and over AMQP while it lasted, the time from \
         its end until both ways served again, and how many missions were promised and are gone, if any. `cargo xtask chaos --write` writes this page.\n\n\
         | | Fault | Tests | Chaos: times, stall HTTP / AMQP, back after (ms) | Not shown |\n|---|---|---|---|---|\n",
    );
    for row in rows() {
        let tests: Vec<String> = row.tests.iter().map(|test| format!("`{test}`")).collect();
        let chaos: Vec<String> =
            row.kinds.iter().map(|kind| result(kind, results, before)).collect();
        page += &format!(
            "| {} | {} | {} | {} | {} |\n",
            row.number,
            row.fault,
            tests.join("<br>"),
            chaos.join("<br>"),
            row.not_shown
        );
    }
    page
}

fn result(kind: &str, results: &BTreeMap<String, Worst>, before: &str) -> String {
    match results.get(kind) {
        Some(Worst { times, stall_http, stall_amqp, recovery, lost }) => {
            let lost = if *lost > 0 { format!(", {lost} LOST") } else { String::new() };
            format!("{kind}: {times}×, {stall_http} / {stall_amqp}, {recovery}{lost}")
        }
        None => kept(kind, before).unwrap_or_else(|| format!("{kind}: not made yet")),
    }
}

/// What the page before says about this kind.
fn kept(kind: &str, before: &str) -> Option<String> {
    let lines = before.lines().flat_map(|line| line.split(" | "));
    let results = lines.flat_map(|cell| cell.split("<br>"));
    let mut of_kind = results.filter(|said| {
        said.strip_prefix(kind).is_some_and(|rest| rest.starts_with(": ") && rest.contains('×'))
    });
    of_kind.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::faults::Kind;

    /// The text of every Rust file below this folder.
    fn sources(folder: &Path, into: &mut String) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let passed_over = ["target", ".git", "node_modules"].iter().any(|skip| name == *skip);
            if path.is_dir() && !passed_over {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_fault_has_a_test_that_exists_or_a_chaos_fault_or_a_reason() {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut all);
        let kinds: Vec<String> =
            Kind::all(true).into_iter().map(Kind::name).chain(crate::scripts::names()).collect();
        for row in rows() {
            for test in &row.tests {
                assert!(all.contains(&format!("fn {test}(")), "{}: there is no {test}", row.number);
            }
            for kind in &row.kinds {
                assert!(kinds.iter().any(|name| name == kind), "{}: no {kind}", row.number);
            }
            let shown = row.tests.len() + row.kinds.len() > 0;
            assert!(shown || !row.not_shown.is_empty(), "{} is not shown", row.number);
        }
    }

    #[test]
    fn every_kind_of_a_chaos_run_is_in_the_catalogue() {
        let kinds = Kind::all(true).into_iter().map(Kind::name);
        for name in kinds.chain(crate::scripts::names()) {
            assert!(rows().any(|row| row.kinds.contains(&name.as_str())), "{name}");
        }
    }

    #[test]
    fn what_a_run_does_not_make_keeps_its_result() {
        let worst = Worst { times: 2, stall_http: 3, stall_amqp: 4, recovery: 5, lost: 0 };
        let first = page(&[("broker killed".to_owned(), worst)].into(), "");
        assert!(first.contains("broker killed: 2×, 3 / 4, 5"), "{first}");
        assert!(first.contains("broker frozen: not made yet"), "{first}");
        let second = page(&[("broker frozen".to_owned(), worst)].into(), &first);
        for kind in ["broker killed", "broker frozen"] {
            assert!(second.contains(&format!("{kind}: 2×, 3 / 4, 5")), "{second}");
        }
    }

    #[test]
    fn the_page_has_all_faults_with_their_tests() {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE));
        let page = page.unwrap();
        assert_eq!(rows().count(), 83);
        for (number, row) in (1..).zip(rows()) {
            assert_eq!(row.number, format!("{number}"));
            let line = format!("| {number} | {} | ", row.fault);
            let line = page.lines().find(|written| written.starts_with(&line)).unwrap();
            assert!(row.tests.iter().all(|test| line.contains(test)), "{line}");
        }
    }
}
