//! `cargo xtask bench --compare`: what a mission costs, counted, against the committed baseline.

mod allocations;
mod counting;
mod instructions;
mod servers;
mod table;

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use testkit::costs::{
    BASELINE, Compared, Costs, Verdict, baseline, compare, in_units, merge, write,
};
use xtask::Outcome;

/// What is counted, and compared with the baseline.
#[derive(Args)]
#[group(skip)] // several structs of one name
pub(super) struct Options {
    /// Count instead what a mission costs (allocations, instructions, messages, flushes: no clock), and
    /// fail if something is dearer than in `costs/baseline.json`
    #[arg(long)]
    compare: bool,
    /// Take what is counted as the new baseline
    #[arg(long, requires = "compare")]
    accept: bool,
    /// Install what counts first, if it is missing: valgrind, strace, servers (Debian and Ubuntu; needs
    /// root or sudo)
    #[arg(long, requires = "compare")]
    install: bool,
}

impl Options {
    /// Whether to compare, instead of anything else.
    pub(super) fn are_given(&self) -> bool {
        self.compare
    }
}

/// Counts and compares; fails when something is dearer, new or gone.
pub(super) async fn run(options: &Options) -> Outcome {
    let countings = [
        allocations::count().await?,
        instructions::count(options.install).await?,
        servers::count(options.install).await?,
    ];
    let (mut now, mut skipped) = (Costs::new(), Vec::new());
    for counting in countings {
        merge(&mut now, counting.costs);
        skipped.extend(counting.skipped);
    }
    let committed = baseline().unwrap_or_default();
    let is_skipped = |unit: &str| skipped.contains(&unit);
    let compared = compare(&in_units(&committed, |unit| !is_skipped(unit)), &now);
    table::print(&compared);
    if options.accept {
        merge(&mut now, in_units(&committed, is_skipped)); // what could not be counted stays
        merge(&mut now, unchanged(&compared)); // so that small steps add up until they are seen
        write(Path::new(BASELINE), &now)?;
        println!("this is the baseline now: costs/baseline.json");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(judged(&compared))
}

/// The committed costs of what costs as much as before.
fn unchanged(compared: &[Compared]) -> Costs {
    let mut costs = Costs::new();
    for Compared { name, unit, before, verdict, .. } in compared {
        if let (Verdict::Ok, Some(before)) = (verdict, before) {
            costs.entry(name.clone()).or_default().insert(unit.clone(), *before);
        }
    }
    costs
}

fn judged(compared: &[Compared]) -> ExitCode {
    let refused = compared.iter().filter(|compared| compared.is_refused()).count();
    if refused == 0 {
        println!("nothing is dearer than in costs/baseline.json");
        return ExitCode::SUCCESS;
    }
    println!("{refused} of {} are refused by costs/baseline.json", compared.len());
    println!("if that is worth it: cargo xtask bench --compare --accept");
    ExitCode::FAILURE
}
