//! `cargo xtask deploy-test`: what is deployed, deployed for real, on this machine's Docker.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

mod advisories;
mod agent;
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
mod newer;
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
mod released;
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
mod upkeep;
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
    let (mut shown, keep) = (Shown::nothing(), options.keep);
    if whole {
        let ahead = async {
            images::ahead().await;
            std::future::pending::<()>().await;
        };
        // What is not built when all is shown is not needed.
        tokio::select! { () = all(&mut shown, keep) => {}, () = ahead => {} }
    } else {
        shown.these(&parts, keep).await;
    }
    Ok(shown.facts.end())
}

/// Shows everything. Setting up machines is mostly waiting, so images are built and the checks before a delivery
/// are made meanwhile. What the swarm does under load is shown after that: it fails where everything is slow.
async fn all(shown: &mut Shown, keep: bool) {
    let (built, rest) = part::WHOLE.split_at(1);
    let (checked, rest) = rest.split_at(1);
    let (made, then) = rest.split_at(1);
    let (mut images, mut checks) = (Shown::nothing(), Shown::nothing());
    tokio::join!(images.these(built, keep), checks.these(checked, keep), shown.these(made, keep));
    shown.facts.add(images.facts);
    shown.facts.add(checks.facts);
    shown.these(then, keep).await;
}

/// The facts so far, and the machines.
struct Shown {
    facts: Facts,
    lab: Lab,
}

impl Shown {
    fn nothing() -> Self {
        Self { facts: Facts::none(), lab: Lab::default() }
    }

    /// Shows parts one after the other, also after one has failed.
    async fn these(&mut self, parts: &[Part], keep: bool) {
        let Self { facts, lab } = self;
        for part in parts {
            let shown = match part {
                Part::Lint => lint::show(facts).await,
                Part::Images => image_facts::show(facts).await,
                Part::Reproduce => image_facts::reproduce(facts).await,
                Part::Compose => compose_facts::show(facts, keep).await,
                Part::Packages => packages::show(facts, keep).await,
                Part::Servers => servers::show(facts).await,
                Part::Walk => walk::show(facts).await,
                Part::Checks => pipeline::checks(facts).await,
                Part::Machines => lab.make(facts, keep).await,
                Part::Swarm => lab.swarm(facts).await,
                Part::Upkeep => lab.upkeep(facts).await,
                Part::Delivery => lab.delivery(facts).await,
            };
            if let Err(why) = shown {
                facts.broken(&why);
            }
        }
    }
}

/// Installs and starts what these parts need. Returns the daemon, if it was started.
async fn ready(parts: &[Part], install: bool) -> Result<Option<Process>, Failure> {
    needs::ensure(parts, install).await?;
    if needs::needs_docker(parts) { docker::ensure(install).await } else { Ok(None) }
}
