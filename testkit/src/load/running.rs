//! A load that runs while something else is done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::connection::Shared;
use super::report::Report;

/// A load that runs. When it is dropped, its requests are cut off.
pub struct Running {
    pub(super) shared: Arc<Shared>,
    pub(super) connections: JoinSet<Report>,
}

impl Running {
    /// How many requests were answered with 201 so far.
    pub fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Waits until `more` requests more were answered with 201.
    ///
    /// # Errors
    /// That took longer than `patience`; says how many are missing.
    pub async fn await_more(&self, more: u64, patience: Duration) -> Result<(), String> {
        let (began, goal) = (Instant::now(), self.answered() + more);
        loop {
            let short = goal.saturating_sub(self.answered());
            if short == 0 {
                return Ok(());
            }
            if began.elapsed() > patience {
                return Err(format!("{short} of {more} replies are missing after {patience:?}"));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends the load before its time. Requests on their way are waited for.
    pub async fn stop(self) -> Report {
        self.shared.left.store(0, Ordering::Relaxed);
        self.finish().await
    }

    /// Waits for the end of the load.
    pub async fn finish(mut self) -> Report {
        let mut report = Report::default();
        while let Some(part) = self.connections.join_next().await {
            report.add(part.unwrap_or_default());
        }
        let ended = self.shared.end.unwrap_or_else(Instant::now);
        report.finish(ended.saturating_duration_since(self.shared.begin));
        report
    }
}
