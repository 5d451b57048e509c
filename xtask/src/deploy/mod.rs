//! `cargo xtask deploy-test`: what is deployed, deployed for real, on this machine's Docker.

mod ansible;
mod ansible_facts;
mod asks;
mod callers;
mod compose_facts;
mod composition;
mod docker;
mod door;
mod facts;
mod image_facts;
mod images;
mod lab;
mod lint;
mod machines;
mod needs;
mod outage;
mod pipeline;
mod stand_ins;
mod swarm_facts;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use xtask::process::Process;

use crate::{Failure, Outcome};
use facts::Facts;
use lab::Lab;

/// Builds the images, deploys them, and shows each fact with its time. Needs Docker.
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first, and start Docker (Debian and Ubuntu; needs root or sudo)
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
    let chosen = |part: &Part| options.only.is_empty() || options.only.contains(part);
    let parts: Vec<_> = PARTS.into_iter().filter(chosen).collect();
    let _daemon = match ready(&parts, options.install).await {
        Ok(daemon) => daemon,
        Err(missing) => {
            eprintln!("{missing}");
            return Ok(ExitCode::from(2));
        }
    };
    let (mut facts, mut lab) = (Facts::default(), Lab::default());
    for part in parts {
        let shown = match part {
            Part::Lint => lint::show(&mut facts).await,
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

/// Installs and starts what these parts need: the daemon, if it had to be started.
async fn ready(parts: &[Part], install: bool) -> Result<Option<Process>, Failure> {
    needs::ensure(parts, install).await?;
    if needs::docker(parts) { docker::ensure(install).await } else { Ok(None) }
}
