//! `cargo xtask deploy-test`: what is deployed, deployed for real, on this machine's Docker.

mod ansible;
mod ansible_facts;
mod asks;
mod callers;
mod compose_facts;
mod composition;
mod day_two;
mod docker;
mod door;
mod facts;
mod image_facts;
mod images;
mod lab;
mod lint;
mod machine_lint;
mod machines;
mod outage;
mod pipeline;
mod releases;
mod stand_ins;
mod swarm;
mod swarm_facts;
mod vault;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::Outcome;
use facts::Facts;
use lab::Lab;

/// Builds the images, deploys them, and shows each fact with its time. Needs Docker.
#[derive(Args)]
pub(crate) struct Options {
    /// Install Docker first, and start it (Debian and Ubuntu; needs root or sudo)
    #[arg(long)]
    install: bool,
    /// Show these parts only
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Leave what was deployed running, to look at it
    #[arg(long)]
    keep: bool,
}

/// A part that can be shown alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Lint,
    Images,
    Compose,
    Reproduce,
    Machines,
    Swarm,
    Pipeline,
}

const PARTS: [Part; 7] = [
    Part::Lint,
    Part::Images,
    Part::Compose,
    Part::Reproduce,
    Part::Machines,
    Part::Swarm,
    Part::Pipeline,
];

/// Shows the parts one after the other; one that fails does not keep the next from its turn.
pub(crate) async fn run(options: Options) -> Outcome {
    let _daemon = match docker::ensure(options.install).await {
        Ok(daemon) => daemon,
        Err(missing) => {
            eprintln!("{missing}");
            return Ok(ExitCode::from(2));
        }
    };
    let (mut facts, mut lab) = (Facts::default(), Lab::default());
    for part in PARTS.into_iter().filter(|p| options.only.is_empty() || options.only.contains(p)) {
        let shown = match part {
            Part::Lint => lint(&mut facts).await,
            Part::Images => image_facts::show(&mut facts).await,
            Part::Reproduce => image_facts::reproduce(&mut facts).await,
            Part::Compose => compose_facts::show(&mut facts, options.keep).await,
            Part::Machines => lab.make(&mut facts, options.keep).await,
            Part::Swarm => lab.swarm(&mut facts).await,
            Part::Pipeline => lab.pipeline(&mut facts).await,
        };
        if let Err(why) = shown {
            facts.broken(&why);
        }
    }
    Ok(facts.end())
}

/// Everything that can be said without deploying anything.
async fn lint(facts: &mut Facts) -> Result<(), crate::Failure> {
    let both = (lint::show(facts).await, machine_lint::show(facts).await);
    both.0.and(both.1)
}
