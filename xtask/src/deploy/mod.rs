//! `cargo xtask deploy-test`: what is deployed, deployed for real, on this machine's Docker.

mod ansible;
mod ansible_facts;
mod asks;
mod callers;
mod compose_facts;
mod composition;
mod docker;
mod facts;
mod image_facts;
mod images;
mod lint;
mod machines;
mod outage;
mod pipeline;
mod stand_ins;
mod swarm_facts;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::Outcome;
use facts::Facts;

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
    Machines,
}

const PARTS: [Part; 4] = [Part::Lint, Part::Images, Part::Compose, Part::Machines];

/// Shows the parts one after the other; one that fails does not keep the next from its turn.
pub(crate) async fn run(options: Options) -> Outcome {
    let _daemon = match docker::ensure(options.install).await {
        Ok(daemon) => daemon,
        Err(missing) => {
            eprintln!("{missing}");
            return Ok(ExitCode::from(2));
        }
    };
    let mut facts = Facts::default();
    for part in PARTS.into_iter().filter(|p| options.only.is_empty() || options.only.contains(p)) {
        let shown = match part {
            Part::Lint => lint::show(&mut facts).await,
            Part::Images => image_facts::show(&mut facts).await,
            Part::Compose => compose_facts::show(&mut facts, options.keep).await,
            Part::Machines => on_machines(&mut facts, options.keep).await,
        };
        if let Err(why) = shown {
            facts.broken(&why);
        }
    }
    Ok(facts.end())
}

/// Three machines: Ansible makes them a swarm, and the swarm is put to the test.
async fn on_machines(facts: &mut Facts, keep: bool) -> Result<(), crate::Failure> {
    let tag = images::spymission().await?;
    let mut made = None;
    let start = async {
        made = Some(machines::Machines::start(keep).await?);
        Ok("each answers by SSH, a registry beside them".into())
    };
    facts.prove("three machines with systemd", start).await?;
    let Some(machines) = made else { return Ok(()) };
    let mut pushed = None;
    let push = async {
        pushed = Some(ansible::Images::push(&machines, &tag).await?);
        Ok("each has a digest, and is deployed by it".into())
    };
    facts.prove("images are pushed once", push).await?;
    let Some(pushed) = pushed else { return Ok(()) };
    let encrypted = ansible::encrypts(&machines).await;
    if !encrypted {
        facts.skip("the overlay between the machines is encrypted", "this kernel has no ESP");
    }
    let ansible = ansible::Ansible::new(&machines, &pushed, encrypted).await?;
    ansible_facts::show(facts, &ansible).await?;
    swarm_facts::show(facts, &machines, &ansible, &pushed, &tag).await?;
    pipeline::show(facts, &machines, &ansible).await
}
