//! Facts about the simulation itself, and a few of its schedules.

use seams::Mutant;
use simulation::{Schedule, run};

/// The table that `cargo xtask simulate --mutants` writes.
const TABLE: &str = include_str!("../MUTANTS.md");

#[test]
fn a_seed_gives_the_same_trace_byte_for_byte() {
    for seed in 1..=25 {
        let [first, again] = [(); 2].map(|()| run(&Schedule::of(seed), None, true));
        assert!(first.trace.as_ref().is_some_and(|trace| trace.len() > 1_000), "{seed}");
        assert!(first.trace == again.trace, "seed {seed} went another way the second time");
    }
}

#[test]
fn the_first_schedules_break_nothing() {
    for seed in 1..=100 {
        let outcome = run(&Schedule::of(seed), None, false);
        assert!(outcome.breaches.is_empty(), "seed {seed}: {:?}", outcome.breaches);
    }
}

#[test]
fn every_planted_defect_is_found_by_the_seed_that_the_table_names() {
    let rows: Vec<_> = TABLE.lines().filter_map(row).collect();
    let named: Vec<_> = rows.iter().map(|(mutant, _)| *mutant).collect();
    assert_eq!(named, Mutant::ALL, "run `cargo xtask simulate --mutants simulation/MUTANTS.md`");
    for (mutant, seed) in rows {
        let outcome = run(&Schedule::of(seed), Some(mutant), false);
        assert!(!outcome.breaches.is_empty(), "{mutant:?} is not found by seed {seed}");
    }
}

/// A defect, and the seed that finds it.
fn row(line: &str) -> Option<(Mutant, u64)> {
    let mut cells = line.split('|').map(str::trim).skip(1);
    let mutant = Mutant::parse(cells.next()?.trim_matches('`'))?;
    Some((mutant, cells.nth(1)?.parse().ok()?))
}
