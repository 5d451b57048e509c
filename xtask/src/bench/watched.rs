//! What it costs to be watched: rounds of full load, alternately watched and not.

use std::time::Duration;

use load::{Load, Report, Stop};

use super::cluster::Cluster;
use super::embedded::Embedded;
use super::instance::Instance;
use super::watchers::Watchers;
use super::{Options, table};

/// Rounds of each kind. The order changes from round to round, so that neither is always the first.
const ROUNDS: usize = 4;
/// The least throughput that is left.
const LEAST: f64 = 0.97;

/// Measures every role in a process of its own, and then all of them in one.
pub(super) async fn run(options: &Options) -> Result<bool, xtask::Failure> {
    let cluster = Cluster::start()?;
    table::head_of_watched("a process for each role, RabbitMQ, MariaDB");
    let right = compare(options, &cluster.instances).await?;
    drop(cluster);
    let embedded = Embedded::start()?;
    table::head_of_watched("one process, SQLite (spymission up)");
    Ok(compare(options, &embedded.instances).await? && right)
}

/// Says whether enough is left, and whether every reply was right.
async fn compare(options: &Options, instances: &[Instance]) -> Result<bool, xtask::Failure> {
    let (mut alone, mut watched) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for is_watched in [round % 2 == 1, round % 2 == 0] {
            let report = load(options, instances, is_watched).await?;
            table::row_of_watched(is_watched, &report);
            let reports = if is_watched { &mut watched } else { &mut alone };
            reports.push((options.most(), report));
        }
    }
    let ratio = mean(&watched) / mean(&alone).max(1e-6);
    println!("watched: {ratio:.3} times the missions per second; at least {LEAST} is wanted");
    alone.extend(watched);
    Ok(table::right(&alone) && ratio >= LEAST)
}

/// One round.
async fn load(
    options: &Options,
    instances: &[Instance],
    is_watched: bool,
) -> Result<Report, xtask::Failure> {
    let addr = instances.iter().find_map(Instance::addr).ok_or("there is no gateway")?;
    let watchers = is_watched.then(|| Watchers::of(instances));
    let load = Load { warm_up: Duration::from_secs(2), ..Load::new(addr, options.most()) };
    let report =
        load::start(load, Stop::After(Duration::from_secs(options.seconds))).finish().await;
    match watchers {
        Some(watchers) if watchers.least() < options.seconds / 2 => {
            Err("a process was not scraped, or the operations page not drawn".into())
        }
        _ => Ok(report),
    }
}

fn mean(reports: &[(usize, Report)]) -> f64 {
    let sum: f64 = reports.iter().map(|(_, report)| report.rate()).sum();
    sum / reports.len().max(1) as f64
}
