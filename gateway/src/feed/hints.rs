//! Hints: events from the broker that say that the table is worth a look. While the broker is away
//! there are none, and the table is read without.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bus::{Broker, Delivery, Fault, Health, PREFETCH, supervise};
use schemas::topology::event_queue;
use schemas::{CreatedAt, MissionId};
use serde::Deserialize;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events of rows that are settled already are noted up to this many.
const LATE: usize = 1_024;

/// What the events say.
pub(super) struct Hints {
    /// The table was read up to here; in microseconds since 1970.
    settled: AtomicI64,
    arrived: Notify,
    late: Mutex<Vec<MissionId>>,
}

/// What counts of an event; the row has the rest.
#[derive(Deserialize)]
struct Told {
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

    /// Listens to the broker until `stop`, whenever it is there.
    pub(super) async fn hear(&self, broker: &Broker, stop: &CancellationToken) {
        let health = Health::default(); // nobody is less ready without hints
        supervise("gateway events", &health, stop, || self.session(broker, stop)).await;
    }

    async fn session(&self, broker: &Broker, stop: &CancellationToken) -> Result<(), Fault> {
        let link = broker.open("gateway events").await?;
        let queue = event_queue::name("gateway", Uuid::new_v4());
        let events = link.listen(&queue, PREFETCH).await?;
        tokio::select! {
            () = stop.cancelled() => {}
            ended = events.hand_out(|event| self.take(&event)) => return ended,
            fault = link.lost() => return Err(fault),
        }
        link.close().await;
        Ok(())
    }

    /// Anybody may publish events: whatever this one says, only the table is believed.
    fn take(&self, event: &Delivery) {
        match serde_json::from_slice::<Told>(&event.body) {
            Ok(told) => {
                if told.created_at.micros() <= self.settled.load(Ordering::Relaxed) {
                    self.keep(vec![told.id]);
                }
            }
            Err(error) => tracing::debug!(%error, "an event that cannot be read"),
        }
        self.arrived.notify_one();
    }

    /// Waits for a hint; one that came since the last wait counts.
    pub(super) async fn arrival(&self) {
        self.arrived.notified().await;
    }

    fn notes(&self) -> MutexGuard<'_, Vec<MissionId>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the missions whose events came after their rows were settled.
    pub(super) fn late(&self) -> Vec<MissionId> {
        std::mem::take(&mut *self.notes())
    }

    /// Notes such missions, for the next look.
    pub(super) fn keep(&self, mut late: Vec<MissionId>) {
        let mut notes = self.notes();
        late.truncate(LATE.saturating_sub(notes.len()));
        notes.append(&mut late);
    }
}
