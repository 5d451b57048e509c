//! The status of a role, published beside it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bus::{Broker, Health, Presence, Running};
use schemas::{CreatedAt, Quantiles, Role, Status};
use telemetry::{RoleMetrics, Snapshot};
use tokio_util::sync::CancellationToken;

use crate::system::clock;

/// Times and batch sizes are those since so many statuses: about ten seconds.
const LATELY: usize = 5;

/// Runs a role to its end. Beside it, its status is published every two seconds. The role is in a
/// box: its future is large, and would be copied from one future into the next.
pub(super) async fn beside(
    broker: &Broker,
    (role, instance): (Role, &str),
    health: &Health,
    stop: &CancellationToken,
    running: Running<'_>,
) {
    let identity = Status::new(role, instance, CreatedAt::truncated(clock()));
    let measured = Measured::new(telemetry::of(role));
    let measure = |status: &mut Status| measured.add_to(status);
    let presence = Presence { identity, health, stop, measure: &measure };
    bus::presence::beside(broker, &presence, running).await;
}

/// What a role counts and measures.
struct Measured {
    metrics: &'static RoleMetrics,
    /// What the times and batch sizes were at the last statuses, the oldest first.
    earlier: Mutex<VecDeque<[Snapshot; 2]>>,
}

impl Measured {
    fn new(metrics: &'static RoleMetrics) -> Self {
        Self { metrics, earlier: Mutex::default() }
    }

    /// Adds it to a status.
    fn add_to(&self, status: &mut Status) {
        status.counters.insert(Status::MISSIONS.to_owned(), self.metrics.missions.get());
        let in_flight = u64::try_from(self.metrics.in_flight.get()).unwrap_or_default();
        status.gauges.insert(Status::IN_FLIGHT.to_owned(), in_flight);
        let now = [self.metrics.processed.snapshot(), self.metrics.batch.snapshot()];
        let mut earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        let [took, batch] = match earlier.front() {
            Some([took, batch]) => [now[0].since(took), now[1].since(batch)],
            None => now,
        };
        status.latency = quantiles(&took, 1e6);
        status.batch = quantiles(&batch, 1.0);
        if earlier.len() >= LATELY {
            earlier.pop_front();
        }
        earlier.push_back(now);
    }
}

/// The middle and the 99th of 100, in parts of the unit; `None` if nothing was recorded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the scales have bounds, and none is negative"
)]
fn quantiles(of: &Snapshot, parts: f64) -> Option<Quantiles> {
    let quantile = |share| of.quantile(share).map(|value| (value * parts).round() as u64);
    Some(Quantiles { p50: quantile(0.5)?, p99: quantile(0.99)? })
}
