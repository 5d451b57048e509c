//! What was measured, as JSON and as the end of the command.

use std::time::Duration;

use load::Report;
use serde::Serialize;

use crate::cli::Bench;
use crate::failure::Failure;

/// Before each row is measured.
pub(super) const WARM_UP: Duration = Duration::from_secs(1);

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    url: String,
    seconds: u32,
    warm_up_seconds: u64,
    /// Requests per second of an open loop; null in a closed loop.
    rate: Option<u32>,
    /// Whether a signal came before the last row.
    interrupted: bool,
    rows: Vec<Row>,
    #[serde(skip)]
    wanted: usize,
}

/// One number of connections.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    connections: u32,
    /// Replies with status 201 whose latency counts.
    missions: u64,
    missions_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    p99_9_ms: f64,
    max_ms: f64,
    /// Replies other than 201, and connections that broke.
    errors: u64,
    /// What the first of them says.
    first_error: Option<String>,
    /// Requests of an open loop that were due and not sent.
    unsent: u64,
}

impl Row {
    pub(super) fn new(connections: u32, report: &Report) -> Self {
        Self {
            connections,
            missions: report.latencies.count(),
            missions_per_second: report.rate(),
            p50_ms: report.quantile(0.5),
            p99_ms: report.quantile(0.99),
            p99_9_ms: report.quantile(0.999),
            max_ms: report.quantile(1.0),
            errors: report.failures(),
            first_error: report.first_failure.as_ref().map(|failure| failure.what.clone()),
            unsent: report.unsent,
        }
    }
}

impl Outcome {
    pub(super) fn new(settings: &Bench, url: String, rows: Vec<Row>, interrupted: bool) -> Self {
        let Bench { seconds, rate, .. } = *settings;
        let (warm_up_seconds, wanted) = (WARM_UP.as_secs(), settings.connections.len());
        Self { url, seconds, warm_up_seconds, rate, interrupted, rows, wanted }
    }

    /// One document.
    ///
    /// # Errors
    /// Never: all of it is numbers and text.
    pub(super) fn json(&self) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|error| Failure::Check(error.to_string()))
    }

    /// # Errors
    /// A request failed, or a signal came.
    pub(super) fn result(&self) -> Result<(), Failure> {
        let errors: u64 = self.rows.iter().map(|row| row.errors).sum();
        if self.interrupted {
            let (rows, wanted) = (self.rows.len(), self.wanted);
            return Err(Failure::Interrupted(format!(
                "interrupted: {rows} of {wanted} rows are measured"
            )));
        }
        let Some(row) = self.rows.iter().find(|row| row.errors > 0) else { return Ok(()) };
        let said = row.first_error.as_deref().unwrap_or_default();
        Err(Failure::Check(format!(
            "{errors} requests failed, the first one at {} connections: {said}",
            row.connections
        )))
    }
}
