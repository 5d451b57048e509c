//! Drills: faults that an operator makes on purpose, and what became of the missions meanwhile.
//! Only a gateway whose broker is in the same process has them.

mod ledger;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Broker, Delivery, Fault, Health, PREFETCH, supervise};
use schemas::drills::{Drill, Drills, Lasting};
use schemas::topology::event_queue;
use schemas::{CreatedAt, MissionIds, Missions, Role};
use store::Store;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use ledger::Ledger;

use crate::config::Config;

/// How long a look at the table may take.
const LOOK: Duration = Duration::from_secs(1);
/// After a stop: how long the last missions may take,
const FINISH: Duration = Duration::from_secs(10);
/// and how often it is looked for them.
const AGAIN: Duration = Duration::from_millis(100);

/// The drills of this gateway.
pub(crate) struct Exercise {
    drills: bus::Drills,
    store: Store,
    clock: fn() -> OffsetDateTime,
    ledger: Mutex<Ledger>,
}

/// Hears what persisters announce, if there are drills. At the stop every drill ends, and it waits
/// until all is stored: what waits in the queues would end with this process.
pub(crate) async fn run(
    exercise: Option<Arc<Exercise>>,
    broker: &Broker,
    stop: &CancellationToken,
) {
    let Some(exercise) = exercise else { return };
    let health = Health::default(); // a gateway that hears no events is ready
    supervise("gateway drills", &health, stop, || exercise.session(broker, stop)).await;
    exercise.end();
    let stored = async {
        while !exercise.is_stored().await {
            sleep(AGAIN).await;
        }
    };
    if timeout(FINISH, stored).await.is_err() {
        tracing::warn!("a stop during a drill: not everything is stored");
    }
}

impl Exercise {
    /// The drills of a gateway with this configuration, if it has any. None was begun yet.
    pub(crate) fn of(config: &Config, store: &Store) -> Option<Arc<Self>> {
        let (drills, ledger) = (config.drills.clone()?, Mutex::default());
        Some(Arc::new(Self { drills, store: store.clone(), clock: config.clock, ledger }))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a drill.
    pub(crate) fn begin(&self, drill: Drill) {
        self.note();
        self.ledger().begin(CreatedAt::truncated((self.clock)()));
        self.drills.begin(drill);
        tracing::warn!(drill = drill.name(), "a drill begins");
    }

    /// Ends every drill.
    pub(crate) fn end(&self) {
        self.drills.end();
    }

    async fn session(&self, broker: &Broker, stop: &CancellationToken) -> Result<(), Fault> {
        let link = broker.open("gateway drills").await?;
        let queue = event_queue::name(Role::Gateway.name(), seams::chance::uuid());
        let events = link.listen(&queue, PREFETCH).await?;
        tokio::select! {
            () = stop.cancelled() => {}
            ended = events.hand_out(|event| self.hear(&event)) => return ended,
            fault = link.lost() => return Err(fault),
        }
        link.close().await;
        Ok(())
    }

    fn hear(&self, event: &Delivery) {
        let Ok(told) = serde_json::from_slice::<Missions>(&event.body) else { return };
        let mut ledger = self.ledger();
        told.missions.iter().for_each(|mission| ledger.announced(mission));
    }

    /// Somebody requests these missions. They are counted while a drill lasts.
    pub(crate) fn count(&self, ids: MissionIds) -> Counted<'_> {
        self.note();
        let mut ledger = self.ledger();
        if ledger.is_open(Instant::now()) {
            ledger.requested(ids.as_slice());
        }
        Counted { exercise: self, ids }
    }

    /// The drills that last.
    fn lasting(&self) -> Vec<Lasting> {
        let left = |drill: &Drill| Some((*drill, self.drills.left(*drill)?));
        let lasting = Drill::ALL.iter().filter_map(left);
        lasting.map(|(drill, left)| Lasting { drill, seconds: left.as_secs() + 1 }).collect()
    }

    fn note(&self) {
        let lasts = !self.lasting().is_empty();
        self.ledger().note(lasts, Instant::now());
    }

    /// Which drills last, and what is counted in the table.
    pub(crate) async fn state(&self) -> Drills {
        self.note();
        let is_known = self.look().await;
        self.note();
        let (lasting, ledger) = (self.lasting(), self.ledger());
        let counts = ledger.counts().filter(|_| is_known);
        let text = words::text(&lasting, ledger.counts().as_ref(), is_known, ledger.is_full);
        Drills { lasting, text, counts }
    }

    /// Whether every mission that was counted has a row.
    async fn is_stored(&self) -> bool {
        self.look().await && self.ledger().without_row().is_empty()
    }

    /// Looks for the missions that had no row yet. Returns whether the table could be read.
    async fn look(&self) -> bool {
        let missing = self.ledger().without_row();
        if missing.is_empty() {
            return true;
        }
        let Ok(Ok(found)) = timeout(LOOK, self.store.find(&missing)).await else { return false };
        self.ledger().found(&found.missions, found.rows);
        true
    }
}

/// A request that is counted.
pub(crate) struct Counted<'a> {
    exercise: &'a Exercise,
    ids: MissionIds,
}

impl Counted<'_> {
    /// The caller was told: of its missions, or why there are none.
    pub(crate) fn told(self, of_missions: bool) {
        let mut ledger = self.exercise.ledger();
        match of_missions {
            true => ledger.accepted(self.ids.as_slice()),
            false => ledger.refused(self.ids.as_slice()),
        }
    }
}
