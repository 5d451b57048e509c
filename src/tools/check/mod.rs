//! `spymission check`: tests settings, servers, permissions, versions, schema and clocks.

mod api;
mod broker;
mod database;
mod grants;
mod reach;
mod report;
mod rights;
mod version;

use std::time::Duration;

use tokio::time::error::Elapsed;

use crate::cli::Check;
use crate::failure::Failure;
use crate::output;
use report::{Line, Report};

/// How long all checks of one server may take. Each step also has its own deadline.
const PART: Duration = Duration::from_secs(60);

/// Runs the checks and prints a line for each.
///
/// # Errors
/// A setting is wrong, a check failed, or the output cannot be written.
pub(crate) async fn run(settings: Check) -> Result<(), Failure> {
    // Wrong settings are reported first: nothing is tried until they are right.
    let given = settings.given();
    let api = settings.management.api()?;
    let broker_address = settings.broker.or_memory()?;
    let database_address = settings.database.or_sqlite()?;
    let mut report = Report::default();
    if !given.any() {
        output::say("nothing is set: checking the defaults of `spymission up`\n")?;
    }
    if given.broker || !given.any() {
        let checking = broker::check(&broker_address, api.is_none(), &mut report);
        in_time("broker", tokio::time::timeout(PART, checking).await, &mut report)?;
    }
    if let Some(api) = &api {
        let checking = api::check(api, &broker_address, &mut report);
        in_time("management", tokio::time::timeout(PART, checking).await, &mut report)?;
    }
    if given.database || !given.any() {
        let checking = database::check(&database_address, &mut report);
        in_time("database", tokio::time::timeout(PART, checking).await, &mut report)?;
    }
    if given.casebook || !given.any() {
        report.say(match settings.rules.casebook() {
            Ok(casebook) => {
                Line::ok("casebook", "rules", format!("`{}` is valid", casebook.name()))
            }
            Err(wrong) => Line::failed("casebook", "rules", wrong, "correct the casebook"),
        })?;
    }
    report.end()
}

/// The result of one part. A part that takes too long has failed.
fn in_time(
    part: &'static str,
    checked: Result<Result<(), Failure>, Elapsed>,
    report: &mut Report,
) -> Result<(), Failure> {
    checked.unwrap_or_else(|_| {
        let found = format!("not finished within {} s", PART.as_secs());
        report.say(Line::failed(part, "time", found, "check its load, and the network"))
    })
}
