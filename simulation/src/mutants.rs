//! The simulation is tested: it has to find every planted defect.

use std::fmt::Write;

use seams::Mutant;

use crate::breach::Breach;
use crate::campaign::campaign;

/// How a planted defect was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which defect.
    pub mutant: Mutant,
    /// The first seed that shows it, and what it breaks; none if no schedule did.
    pub by: Option<(u64, Breach)>,
}

/// Plants this defect, and looks for it in so many schedules from this seed on.
#[must_use]
pub fn find(mutant: Mutant, first: u64, schedules: u64) -> Found {
    let failed = campaign(first, schedules, Some(mutant), |_| ()).failed;
    let by = failed.and_then(|(seed, outcome)| Some((seed, outcome.breaches.first()?.clone())));
    Found { mutant, by }
}

/// The table of what was found, in Markdown.
#[must_use]
pub fn table(first: u64, found: &[Found]) -> String {
    let mut text = "# Planted defects\n\n\
        What `cargo xtask simulate --mutants` writes: each defect is planted in the product, and the\n\
        schedules of the seeds from 1 on are run until one breaks an invariant.\n\n\
        | Defect | What is wrong | Seed | Schedules | Invariant |\n|---|---|---:|---:|---|\n"
        .to_owned();
    let mut needed = Vec::new();
    for Found { mutant, by } in found {
        let row = match by {
            Some((seed, breach)) => {
                let schedules = seed - first + 1;
                needed.push(schedules);
                format!("{seed} | {schedules} | {}", breach.invariant)
            }
            None => "- | - | not found".to_owned(),
        };
        let _ = writeln!(text, "| `{mutant:?}` | {} | {row} |", mutant.what());
    }
    needed.sort_unstable();
    let median = needed.get(needed.len() / 2).copied().unwrap_or_default();
    let (found, all) = (needed.len(), found.len());
    let _ = writeln!(text, "\n{found} of {all} found; the median took {median} schedules.");
    text
}
