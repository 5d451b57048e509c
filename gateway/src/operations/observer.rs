//! What a gateway sees of the whole system: the status of every process, the queues, the database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Broker, Delivery, Fault, Health, PREFETCH, State, supervise};
use schemas::operations::Operations;
use schemas::topology::event_queue;
use schemas::{CreatedAt, Role, Status};
use store::Store;
use time::OffsetDateTime;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::database::Database;
use super::depths::Depths;
use super::incidents::told_503;
use super::letters::Letters;
use super::seen::Seen;
use super::verdict::words::findings;
use super::verdict::{DeadLetters, Facts, situations};
use crate::correlator::Correlator;
use crate::drills::Exercise;

/// How often rates are noted, and incidents looked for.
const TICK: Duration = Duration::from_secs(Status::EVERY);
/// After how many ticks the database is looked at, also when nobody asks.
const SELDOM: u32 = 3;

/// What a gateway sees of the whole system.
pub(crate) struct Observer {
    /// The state of this gateway's own session.
    health: Health,
    correlator: Arc<Correlator>,
    exercise: Option<Arc<Exercise>>,
    clock: fn() -> OffsetDateTime,
    pub(crate) database: Database,
    letters: Letters,
    depths: Depths,
    seen: Mutex<Seen>,
}

impl Observer {
    /// Sees nothing yet. [`run`](Self::run) has to run beside it.
    pub(crate) fn new(
        (correlator, health, store): (Arc<Correlator>, Health, Store),
        exercise: Option<Arc<Exercise>>,
        clock: fn() -> OffsetDateTime,
    ) -> Self {
        Self {
            health,
            correlator,
            exercise,
            clock,
            database: Database::new(store.clone()),
            letters: Letters::new(store),
            depths: Depths::new(),
            seen: Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to every process until `stop`, whenever the broker is there.
    pub(crate) async fn run(&self, broker: &Broker, stop: &CancellationToken) {
        let health = Health::default(); // a gateway that hears nobody is ready
        let listening = supervise("gateway statuses", &health, stop, || async {
            let ended = self.session(broker, stop).await;
            self.seen().listening = None;
            ended
        });
        tokio::select! {
            biased;
            () = listening => {}
            () = self.watch() => {}
        }
    }

    async fn session(&self, broker: &Broker, stop: &CancellationToken) -> Result<(), Fault> {
        let link = broker.open_declared("gateway statuses").await?;
        let queue = event_queue::name(Role::Gateway.name(), seams::chance::uuid());
        let statuses = link.listen_to_statuses(&queue, PREFETCH).await?;
        self.seen().listening = Some(Instant::now());
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            ended = statuses.hand_out(|status| self.hear(&status)) => return ended,
            ended = self.depths.look(&link) => return ended,
            fault = link.lost() => return Err(fault),
        }
        link.close().await;
        Ok(())
    }

    fn hear(&self, delivery: &Delivery) {
        match Status::parse(&delivery.body) {
            Ok(status) => self.seen().registry.hear(status, Instant::now()),
            Err(error) => tracing::debug!(error, "a status that cannot be read"),
        }
    }

    /// Notes rates and incidents, also while nobody looks.
    async fn watch(&self) {
        let (mut ticks, mut count) = (interval(TICK), 0);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if count % SELDOM == 0 {
                let database = self.database.why_not().await;
                self.seen().database = database;
            }
            count = (count + 1) % SELDOM;
            self.tick(Instant::now());
        }
    }

    fn tick(&self, now: Instant) {
        let why = self.away();
        let mut seen = self.seen();
        seen.note_session(why.is_none(), now);
        seen.registry.tick(now);
        let facts = self.facts(&seen, why, now);
        let wrong = situations(&facts);
        let recorded = wrong.iter().filter(|wrong| wrong.is_recorded());
        let names: Vec<_> = recorded.map(super::verdict::Situation::name).collect();
        seen.incidents.note(&names, |name| facts.knows(name), self.now(), told_503());
    }

    fn now(&self) -> CreatedAt {
        CreatedAt::truncated((self.clock)())
    }

    /// Why this gateway has no session, if so.
    fn away(&self) -> Option<String> {
        match self.health.state() {
            State::Waiting(why) => Some(why),
            State::Up | State::Degraded(_) if self.correlator.is_stalled() => {
                Some("it takes no messages".to_owned())
            }
            State::Up | State::Degraded(_) => None,
        }
    }

    fn facts(&self, seen: &Seen, away: Option<String>, now: Instant) -> Facts {
        let callers = self.correlator.callers() as u64;
        let facts = seen.facts(away, &self.depths, callers, now);
        Facts { now: Some(self.now()), ..facts }
    }

    /// The names of the roles of which no process is there, if that is known.
    pub(crate) fn silent_roles(&self) -> Vec<&'static str> {
        self.seen().silent_roles(Instant::now())
    }

    /// All that is seen now.
    pub(crate) async fn operations(&self) -> Operations {
        let (database, dead_letters, ()) =
            tokio::join!(self.database.why_not(), self.letters.groups(), self.depths.want());
        let drills = match &self.exercise {
            Some(exercise) => Some(exercise.state().await),
            None => None,
        };
        let (why, now) = (self.away(), Instant::now());
        let mut seen = self.seen();
        seen.database = database;
        seen.note_session(why.is_none(), now);
        let open = dead_letters.as_ref().map_or(DeadLetters::Unread, |groups| {
            DeadLetters::Open(groups.iter().map(|group| group.open).sum())
        });
        let facts = Facts { dead_letters: open, ..self.facts(&seen, why, now) };
        let (verdict, notes) = findings(&facts);
        Operations {
            at: self.now(),
            hears: seen.listening.is_some(),
            verdict,
            notes,
            roles: facts.roles,
            queues: facts.queues,
            dead_letters,
            incidents: seen.incidents.all(told_503()),
            drills,
        }
    }
}
