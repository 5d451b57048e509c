//! What it costs to be watched: rounds of full load, alternately watched and not.

mod watchers;

use std::rc::Rc;
use std::time::Duration;

use load::{Load, Report, Stop, table};

use watchers::Watchers;

use super::failure::Failure;
use super::judge::Judge;
use super::options::Options;
use super::results::What;
use super::system::{Cluster, Embedded, Instance, Program, Servers, System};

/// Rounds of each kind. The order changes from round to round, so that neither is always the first.
const ROUNDS: usize = 4;
/// The least throughput that is left.
const LEAST: f64 = 0.97;

/// Measures every role in a process of its own, and then all of them in one.
pub(crate) async fn run(options: &Options, program: &Program) -> Result<bool, Failure> {
    let cluster = Cluster::start(program, &Rc::new(Servers::start()?), "spymission")?;
    print!("\na process for each role, RabbitMQ, MariaDB\n{}", table::head(""));
    let right = compare(options, cluster.instances()).await?;
    drop(cluster);
    let embedded = Embedded::start(program)?;
    print!("\none process, SQLite (spymission up)\n{}", table::head(""));
    Ok(compare(options, embedded.instances()).await? && right)
}

/// Says whether enough is left, and whether every reply was right.
async fn compare(options: &Options, instances: &[Instance]) -> Result<bool, Failure> {
    let (mut alone, mut watched) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for is_watched in [round % 2 == 1, round % 2 == 0] {
            let report = load(options, instances, is_watched).await?;
            print!("{}", table::row(if is_watched { "watched" } else { "alone" }, &report));
            let reports = if is_watched { &mut watched } else { &mut alone };
            reports.push(report);
        }
    }
    let ratio = mean(&watched) / mean(&alone).max(1e-6);
    println!("watched: {ratio:.3} times the missions per second; at least {LEAST} is wanted");
    let mut judge = Judge::default();
    for report in alone.into_iter().chain(watched) {
        judge.look((What::Cluster, options.most()), report, None);
    }
    Ok(judge.finds_all_right() && ratio >= LEAST)
}

/// One round.
async fn load(
    options: &Options,
    instances: &[Instance],
    is_watched: bool,
) -> Result<Report, Failure> {
    let addr = instances.iter().find_map(Instance::addr).ok_or("there is no gateway")?;
    let watchers = is_watched.then(|| Watchers::of(instances));
    let load = Load { warm_up: Duration::from_secs(2), ..Load::new(addr, options.most()) };
    let report = load::start(load, Stop::After(options.time())).finish().await;
    match watchers {
        Some(watchers) if watchers.least() < options.time().as_secs() / 2 => {
            Err("a process was not scraped, or the operations page not drawn".into())
        }
        _ => Ok(report),
    }
}

fn mean(reports: &[Report]) -> f64 {
    let sum: f64 = reports.iter().map(Report::rate).sum();
    sum / reports.len().max(1) as f64
}
