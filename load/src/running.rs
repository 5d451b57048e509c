//! A load that runs while something else is done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::connection;
use super::pace::pace;
use super::plan::{Load, Stop};
use super::report::Report;
use super::shared::Shared;

/// A load that runs. When it is dropped, its requests are cut off.
pub struct Running {
    shared: Arc<Shared>,
    connections: JoinSet<()>,
}

/// Starts a load in the background.
pub fn start(load: Load, until: Stop) -> Running {
    let shared = Arc::new(Shared::new(load, until));
    let mut connections = JoinSet::new();
    for number in 0..shared.load.connections {
        connections.spawn(connection::ask(Arc::clone(&shared), number));
    }
    if shared.open.is_some() {
        let load = Arc::downgrade(&shared);
        tokio::task::spawn_blocking(move || pace(&load));
    }
    Running { shared, connections }
}

impl Running {
    /// How many requests were answered as wanted so far.
    pub fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Waits until `more` requests more were answered as wanted.
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
    pub async fn stop(mut self) -> Report {
        self.shared.left.store(0, Ordering::Relaxed);
        self.finish().await
    }

    /// Waits for the end of the load. When this is given up, the load goes on.
    pub async fn finish(&mut self) -> Report {
        while self.connections.join_next().await.is_some() {}
        let (shared, now) = (&self.shared, Instant::now());
        let ended = shared.end.map_or(now, |end| end.min(now));
        let mut report = std::mem::take(&mut *shared.report());
        report.finish(ended.saturating_duration_since(shared.begin));
        report.unsent = shared.open.as_ref().map_or(0, |open| open.unsent(ended));
        report
    }
}
