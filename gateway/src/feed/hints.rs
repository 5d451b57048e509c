//! Hints: events from the broker. Each is a reason to read the table. While the broker is away there
//! are none, and the table is read once a second.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bus::{Broker, Delivery, Fault, Health, PREFETCH, supervise};
use schemas::topology::event_queue;
use schemas::{CreatedAt, MissionId};
use serde::Deserialize;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The most late events that are remembered.
const LATE: usize = 1_024;

/// What is known from events.
pub(super) struct Hints {
    /// The table was read up to here; in microseconds since 1970.
    settled: AtomicI64,
    arrived: Notify,
    late: Mutex<Vec<MissionId>>,
}

/// The part of an event that is needed; the row has the rest.
#[derive(Deserialize)]
struct Created {
    missions: Vec<Stored>,
}

#[derive(Deserialize)]
struct Stored {
    id: MissionId,
    created_at: CreatedAt,
}

impl Hints {
    pub(super) fn new() -> Self {
        Self { settled: AtomicI64::new(0), arrived: Notify::new(), late: Mutex::default() }
    }

    /// Notes how far the table was read: an event of an older row is late.
    pub(super) fn settled(&self, place: CreatedAt) {
        self.settled.store(place.micros(), Ordering::Relaxed);
    }

    /// Receives events until `stop`, whenever the broker is there.
    pub(super) async fn hear(&self, broker: &Broker, stop: &CancellationToken) {
        let health = Health::default(); // a gateway without hints is ready
        supervise("gateway events", &health, stop, || self.session(broker, stop)).await;
    }

    async fn session(&self, broker: &Broker, stop: &CancellationToken) -> Result<(), Fault> {
        let link = broker.open("gateway events").await?;
        let queue = event_queue::name("gateway", seams::chance::uuid());
        let events = link.listen(&queue, PREFETCH).await?;
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            ended = events.hand_out(|event| self.take(&event)) => return ended,
            fault = link.lost() => return Err(fault),
        }
        link.close().await;
        Ok(())
    }

    /// Takes an event. Anybody may publish events, so only the table is believed.
    fn take(&self, event: &Delivery) {
        match serde_json::from_slice::<Created>(&event.body) {
            Ok(created) => {
                let settled = self.settled.load(Ordering::Relaxed);
                let late = created.missions.iter().filter(|m| m.created_at.micros() <= settled);
                self.keep(late.map(|mission| mission.id).collect());
            }
            Err(error) => tracing::debug!(%error, "an event that cannot be read"),
        }
        self.arrived.notify_one();
    }

    /// Waits for an event; one that came since the last wait counts.
    pub(super) async fn arrival(&self) {
        self.arrived.notified().await;
    }

    fn notes(&self) -> MutexGuard<'_, Vec<MissionId>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the missions whose events came after the table was read past their rows.
    pub(super) fn late(&self) -> Vec<MissionId> {
        std::mem::take(&mut *self.notes())
    }

    /// Remembers such missions for the next time that the table is read.
    pub(super) fn keep(&self, mut late: Vec<MissionId>) {
        let mut notes = self.notes();
        late.truncate(LATE.saturating_sub(notes.len()));
        notes.append(&mut late);
    }
}
