//! `cargo xtask bench`: missions per second, and how long one takes.

mod cluster;
mod embedded;
mod instance;
mod table;
mod watched;
mod watchers;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use load::{Load, Report, Stop};

use cluster::Cluster;
use embedded::Embedded;
use instance::Instance;
use xtask::Outcome;
use xtask::workspace::{Stage, cargo};

/// Measures a release build: a process for each role with RabbitMQ and MariaDB, then all in one process.
#[derive(Args)]
pub(crate) struct Options {
    /// How long to measure each row of the table
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// The numbers of connections, one row for each
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256])]
    connections: Vec<usize>,
    /// Measure instead what it costs to be watched: every `/metrics` scraped, the operations page open
    #[arg(long)]
    watched: bool,
}

impl Options {
    /// The full load.
    fn most(&self) -> usize {
        self.connections.iter().copied().max().unwrap_or(1)
    }
}

/// Builds, measures and checks; fails when a reply or a row is wrong.
pub(crate) async fn run(options: Options) -> Outcome {
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--bin", "spymission"]);
    if !Stage::start(command)?.wait().await? {
        return Ok(ExitCode::FAILURE);
    }
    if cfg!(debug_assertions) {
        return in_release(&options).await;
    }
    let right = if options.watched {
        watched::run(&options).await?
    } else {
        cluster(&options).await? & embedded(&options).await?
    };
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The load comes from this program: a debug build of it would distort what it measures.
async fn in_release(options: &Options) -> Outcome {
    let mut command = cargo();
    command.args(["run", "--release", "--locked", "--quiet", "--package", "xtask", "--", "bench"]);
    let connections: Vec<_> = options.connections.iter().map(usize::to_string).collect();
    command.args(["--seconds", &options.seconds.to_string()]);
    command.args(["--connections", &connections.join(",")]);
    command.args(options.watched.then_some("--watched"));
    let right = Stage::start(command)?.wait().await?;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn cluster(options: &Options) -> Result<bool, xtask::Failure> {
    let mut cluster = Cluster::start()?;
    table::head("a process for each role, RabbitMQ, MariaDB");
    let cpu = || cluster.cpu();
    let mut reports = measure(options, &cluster.instances, &options.connections, cpu).await;
    table::memory(&cluster.instances);

    let most = options.most();
    cluster.gateway(&["--batch", "1"])?;
    table::head("the same, at most one mission a message (--batch 1)");
    let single = measure(options, &cluster.instances, &[most], || cluster.cpu()).await;
    let rate = |reports: &[(usize, Report)]| {
        reports.iter().find(|(connections, _)| *connections == most).map_or(0.0, |r| r.1.rate())
    };
    let ratio = rate(&reports) / rate(&single).max(1e-6);
    println!("batches of their own making: {ratio:.1} times the missions per second");

    reports.extend(single);
    let replies: u64 = reports.iter().map(|(_, report)| report.status(201)).sum();
    let rows = cluster.rows()?;
    println!("{replies} replies with status 201, {rows} rows");
    if rows < replies {
        println!("WRONG: missions were promised that are not stored");
    }
    Ok(table::right(&reports) && rows >= replies)
}

async fn embedded(options: &Options) -> Result<bool, xtask::Failure> {
    let embedded = Embedded::start()?;
    table::head("one process, SQLite (spymission up)");
    let cpu = || embedded.cpu();
    let reports = measure(options, &embedded.instances, &options.connections, cpu).await;
    table::memory(&embedded.instances);
    Ok(table::right(&reports))
}

/// Loads the gateway, the first of `instances`, at each of these connection counts.
async fn measure(
    options: &Options,
    instances: &[Instance],
    connections: &[usize],
    cpu: impl Fn() -> table::Cpu,
) -> Vec<(usize, Report)> {
    let mut reports = Vec::new();
    let Some(addr) = instances.iter().find_map(Instance::addr) else { return reports };
    for &connections in connections {
        let warm_up = Duration::from_secs(2);
        let load = Load { warm_up, ..Load::new(addr, connections) };
        let end = Stop::After(Duration::from_secs(options.seconds));
        let before = cpu();
        let report = load::start(load, end).finish().await;
        table::row(connections, &report);
        table::cost(&report, &before, &cpu());
        reports.push((connections, report));
    }
    reports
}
