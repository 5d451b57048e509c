//! `cargo xtask deploy-test`: what is deployed, deployed for real, on this machine's Docker.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

mod advisories;
mod ansible;
mod ansible_facts;
mod asks;
mod choices;
mod compose_facts;
mod composition;
mod day_two;
mod developer;
mod docker;
mod facts;
mod guide;
mod image;
mod image_facts;
mod images;
mod lab;
mod lint;
mod machines;
mod needs;
mod nginx;
mod operators;
mod options;
mod outage;
mod packages;
mod part;
mod pipeline;
mod prune;
#[cfg(test)]
mod quick;
mod releases;
mod rights;
mod rotation;
mod runbook;
mod scripts;
mod servers;
mod signing;
mod silence;
mod stand_ins;
mod swarm;
mod swarm_facts;
mod tools;
mod vault;
mod walk;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use testkit::process::Process;

use xtask::{Failure, Outcome, until_interrupted};

use facts::Facts;
use lab::Lab;
use part::Part;

/// Builds the images, deploys them, and shows each fact with its time. Needs Docker.
#[derive(Parser)]
#[command(bin_name = "cargo xtask deploy-test")]
struct Options {
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    until_interrupted(run(Options::parse())).await
}

/// Shows the parts one after the other, also after one has failed.
async fn run(mut options: Options) -> Outcome {
    options.only.sort();
    let whole = options.only.is_empty();
    let parts = if whole { part::WHOLE.to_vec() } else { options.only };
    let _daemon = match ready(&parts, options.install).await {
        Ok(daemon) => daemon,
        Err(missing) => {
            eprintln!("{missing}");
            return Ok(ExitCode::from(2));
        }
    };
    let (mut facts, mut lab) = (Facts::none(), Lab::default());
    for part in parts {
        let shown = match part {
            Part::Lint => lint::show(&mut facts).await,
            Part::Images => image_facts::show(&mut facts).await,
            Part::Reproduce => image_facts::reproduce(&mut facts).await,
            Part::Compose => compose_facts::show(&mut facts, options.keep).await,
            Part::Packages => packages::show(&mut facts, options.keep).await,
            Part::Servers => servers::show(&mut facts).await,
            Part::Walk => walk::show(&mut facts).await,
            Part::Checks => pipeline::checks(&mut facts).await,
            Part::Machines if whole => checked_and_made(&mut facts, &mut lab, options.keep).await,
            Part::Machines => lab.make(&mut facts, options.keep).await,
            Part::Swarm => lab.swarm(&mut facts).await,
            Part::Delivery => lab.delivery(&mut facts).await,
        };
        if let Err(why) = shown {
            facts.broken(&why);
        }
    }
    Ok(facts.end())
}

/// Making machines is mostly waiting: the checks before a delivery run at the same time.
async fn checked_and_made(facts: &mut Facts, lab: &mut Lab, keep: bool) -> Result<(), Failure> {
    let mut beside = Facts::none();
    let (checked, made) = tokio::join!(pipeline::checks(&mut beside), lab.make(facts, keep));
    facts.add(beside);
    checked.and(made)
}

/// Installs and starts what these parts need. Returns the daemon, if it was started.
async fn ready(parts: &[Part], install: bool) -> Result<Option<Process>, Failure> {
    needs::ensure(parts, install).await?;
    if needs::needs_docker(parts) { docker::ensure(install).await } else { Ok(None) }
}
