//! `spymission bench`: how many missions a gateway answers, and how fast.

mod outcome;
mod place;
mod progress;

use std::time::Duration;

use load::{Endpoint, Load, Report, Stop, table};

use self::outcome::{Outcome, Row, WARM_UP};
use self::place::Place;
use self::progress::Progress;
use crate::cli::Bench;
use crate::failure::Failure;
use crate::output;
use crate::process::stop::Signals;
use crate::settings::{Setting, WrongSetting};

/// Descriptors for everything but connections.
const RESERVE: u64 = 32;
const CONNECTIONS: Setting = Setting::new("--connections", "SPYMISSION_BENCH_CONNECTIONS");

/// Measures one row after the other, until a signal.
///
/// # Errors
/// A setting is wrong, the gateway is away, a request failed, or a signal came.
pub(crate) async fn run(settings: &Bench) -> Result<(), Failure> {
    let place = Place::new(&settings.gateway.url)?;
    fits(settings.connections.iter().copied().max().unwrap_or(1))?;
    let mut signals = Signals::listen()?;
    let mut rows = Vec::new();
    let interrupted = tokio::select! {
        measured = measure(settings, &place, &mut rows) => measured.map(|()| false)?,
        () = signals.next() => true,
    };
    let outcome = Outcome::new(settings, place.shown(), rows, interrupted);
    if settings.json {
        output::say(&outcome.json()?)?;
    }
    outcome.result()
}

/// Adds one row for each number of connections.
async fn measure(settings: &Bench, place: &Place, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let endpoint = place.reach().await.map_err(Failure::Check)?;
    for (number, connections) in settings.connections.iter().copied().enumerate() {
        let report = one(settings, &endpoint, connections).await;
        if !settings.json {
            let head = if number == 0 { table::head("connections") } else { String::new() };
            output::say(&(head + &table::row(connections, &report)))?;
        }
        rows.push(Row::new(connections, &report));
    }
    Ok(())
}

/// The load of one row.
async fn one(settings: &Bench, endpoint: &Endpoint, connections: u32) -> Report {
    let time = Duration::from_secs(settings.seconds.into());
    let load = Load {
        rate: settings.rate,
        warm_up: WARM_UP,
        keep_ids: false,
        ..Load::new(endpoint.clone(), usize::try_from(connections).unwrap_or(usize::MAX))
    };
    let progress = Progress::new(connections, WARM_UP + time);
    let mut running = load::start(load, Stop::After(time));
    loop {
        tokio::select! {
            report = running.finish() => return report,
            () = progress.tick() => {}
        }
        progress.show(running.answered());
    }
}

/// Fails unless this process may have so many connections.
fn fits(connections: u32) -> Result<(), WrongSetting> {
    let needed = u64::from(connections) + RESERVE;
    match gateway::raise_descriptors() {
        Some(limit) if limit < needed => Err(CONNECTIONS.wrong(format!(
            "{connections} connections need {needed} open files, and this process may have {limit}: \
             raise the limit (ulimit -n) or use fewer connections"
        ))),
        _ => Ok(()),
    }
}
