//! `cargo xtask simulate`.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use seams::Mutant;
use simulation::{Outcome, Schedule, Summary, campaign, find, run, shrink, table};

/// Runs schedules of faults against the simulated system
#[derive(Parser)]
struct Options {
    /// How many
    #[arg(long, default_value_t = 10_000)]
    schedules: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Plant this defect: a name of simulation/MUTANTS.md
    #[arg(long, value_parser = mutant)]
    mutant: Option<Mutant>,
    /// Look for every planted defect, and write the table of what was found to this file
    #[arg(long, value_name = "FILE", conflicts_with = "mutant")]
    mutants: Option<PathBuf>,
    /// Write down what happens in the schedule of this seed, and run no other
    #[arg(long)]
    trace: bool,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    Mutant::parse(name).ok_or_else(|| "there is no such defect".to_owned())
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.trace {
        return trace(&options);
    }
    if let Some(file) = &options.mutants {
        return mutants(&options, file);
    }
    let progress = |begun| println!("{begun} of {} schedules, none broken", options.schedules);
    let summary = campaign(options.seed, options.schedules, options.mutant, progress);
    tell(&summary);
    let Some((seed, outcome)) = summary.failed else {
        println!("0 broken");
        return ExitCode::SUCCESS;
    };
    broken(&outcome);
    let fails = |some: &Schedule| !run(some, options.mutant, false).breaches.is_empty();
    let small = shrink(&Schedule::of(seed), SHRINKING, fails);
    println!("what is left of the schedule after {SHRINKING} tries at most to make it smaller:");
    println!("{small:#?}");
    let mutant = options.mutant.map(|mutant| format!(" --mutant {mutant:?}")).unwrap_or_default();
    println!("to repeat it: cargo xtask simulate --schedules 1 --seed {seed}{mutant}");
    println!("what happens in it: cargo xtask simulate --trace --seed {seed}{mutant}");
    ExitCode::FAILURE
}

/// Schedules that are tried to make one that fails smaller.
const SHRINKING: usize = 300;

fn tell(summary: &Summary) {
    let (count, seconds) = (summary.schedules, summary.took.as_secs_f64());
    println!("{count} schedules in {seconds:.1} s, {:.0} a second", count as f64 / seconds);
    println!("faults:");
    for (fault, count) in &summary.faults {
        println!("{count:>10} {fault}");
    }
    let (slowest, seed) = summary.slowest;
    let mean = summary.recoveries.as_secs_f64() / count.max(1) as f64;
    println!(
        "everything done after the last fault: {mean:.1} simulated s on average, {:.1} s at most \
         (seed {seed}); {} s are allowed",
        slowest.as_secs_f64(),
        simulation::BOUND.as_secs()
    );
    println!("invariants judged: {}", simulation::INVARIANTS.join(", "));
}

fn broken(outcome: &Outcome) {
    for breach in &outcome.breaches {
        println!("BROKEN {}: {}", breach.invariant, breach.what);
    }
}

fn trace(options: &Options) -> ExitCode {
    let outcome = run(&Schedule::of(options.seed), options.mutant, true);
    println!("{}", outcome.trace.as_deref().unwrap_or_default());
    broken(&outcome);
    ExitCode::from(u8::from(!outcome.breaches.is_empty()))
}

fn mutants(options: &Options, file: &std::path::Path) -> ExitCode {
    let look = |mutant| {
        let found = find(mutant, options.seed, options.schedules);
        let by = found.by.as_ref().map(|(seed, breach)| format!("{seed}, {}", breach.invariant));
        println!("{mutant:?}: {}", by.as_deref().unwrap_or("NOT FOUND"));
        found
    };
    let found: Vec<_> = Mutant::ALL.into_iter().map(look).collect();
    if let Err(error) = std::fs::write(file, table(options.seed, &found)) {
        println!("{}: {error}", file.display());
        return ExitCode::FAILURE;
    }
    ExitCode::from(u8::from(found.iter().any(|found| found.by.is_none())))
}
