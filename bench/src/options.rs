//! The options of a run.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// What is measured, and how long.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// How long each load is measured
    #[arg(long, default_value_t = 8)]
    pub(crate) seconds: u64,
    /// How often everything is measured; medians are shown
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: u32,
    /// The numbers of callers over HTTP
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256, 1_024])]
    pub(crate) connections: Vec<usize>,
    /// One round of a second each: shows that everything works, and no more
    #[arg(long, conflicts_with_all = ["seconds", "rounds"])]
    quick: bool,
    /// Only these parts; the targets need all of them
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Fill a second table with so many rows first, and measure missions and lists there as well
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rows: Option<u64>,
    /// Measure this program, and build nothing: another commit, for a comparison
    #[arg(long, value_name = "PATH", conflicts_with = "write")]
    pub(crate) program: Option<PathBuf>,
    /// Write BENCHMARKS.md, its plots and its data
    #[arg(long)]
    pub(crate) write: bool,
    /// Measure nothing: write BENCHMARKS.md and its plots from the data of the last --write
    #[arg(long, conflicts_with = "write")]
    pub(crate) render: bool,
    /// Measure instead what it costs to be watched: every `/metrics` scraped, the operations page open
    #[arg(long)]
    pub(crate) watched: bool,
}

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Missions over HTTP
    Http,
    /// Missions over AMQP
    Amqp,
    /// Missions and lists that are read
    Reads,
    /// What HTTP, the broker and the database cost without a pipeline
    Floors,
    /// The cold start
    Start,
}

impl Options {
    /// Whether anything is to be measured.
    pub fn measures(&self) -> bool {
        !self.render
    }

    /// Whether a release build of this workspace is to be measured.
    pub fn measures_this(&self) -> bool {
        self.measures() && self.program.is_none()
    }

    /// Whether this part is measured.
    pub(crate) fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// How often everything is measured.
    pub(crate) fn rounds(&self) -> u32 {
        if self.quick { 1 } else { self.rounds }
    }

    /// How long a load is measured.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { self.seconds })
    }

    /// How long a load runs before it is measured.
    pub(crate) fn warm_up(&self) -> Duration {
        (self.time() / 2).min(Duration::from_secs(2))
    }

    /// The full load.
    pub(crate) fn most(&self) -> usize {
        self.connections.iter().copied().max().unwrap_or(1)
    }
}
