//! Parts of the facts.

use clap::ValueEnum;

/// A part that can be shown alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Part {
    /// Linters of everything that is deployed or deploys
    Lint,
    /// Every image
    Images,
    /// One machine, by Compose
    Compose,
    /// The package for Debian, on new machines with systemd
    Packages,
    /// The tests of what talks to servers, on RabbitMQ 4 and MySQL 9
    Servers,
    /// The same binary from two clean builds
    Reproduce,
    /// The Jenkinsfile's steps on this machine; `lint` and `compose` are among them
    Checks,
    /// Three machines, made a swarm by Ansible
    Machines,
    /// Updates, ways back and losses on them
    Swarm,
    /// Settings, machines, passwords and servers that change on them, and a backup
    Upkeep,
    /// The Jenkinsfile's steps from the push on
    Delivery,
    /// The commands of docs/swarm.md on three new machines, as they stand there
    Walk,
}

/// What a whole run shows. What is part of the checks is not shown twice. The parts that are missing
/// take machines or servers of their own, or long.
pub(crate) const WHOLE: [Part; 6] =
    [Part::Images, Part::Checks, Part::Machines, Part::Swarm, Part::Delivery, Part::Reproduce];
