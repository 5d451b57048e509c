//! The persister writes the decisions that are ready in one statement. After the commit it replies
//! with what is stored, and then announces each mission on `mission.events`. Beside that it moves dead
//! letters into their table.

use std::time::Duration;

use bus::{
    Broker, Event, Health, Replica, Responder, Response, Running, Statement, failpoint, respond,
    together,
};
use rand::RngExt;
use schemas::topology::{self, Queue, event_queue};
use schemas::{Decision, Decisions, MessageType, Mission, Missions, Problem, ProblemKind, Role};
use store::{Rejected, SchemaState, Store};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// Tells the local time.
type Clock = fn() -> OffsetDateTime;

/// Runs a persister until `stop`. Before it consumes it waits until the table exists; it logs once
/// that it waits. `replica` signs and stamps the replies; `created_at` is its time, corrected to the database's clock.
pub async fn run(
    broker: &Broker,
    store: Store,
    health: &Health,
    stop: &CancellationToken,
    replica: Replica<'_>,
) {
    if stop.run_until_cancelled(schema_exists(&store)).await.is_some() {
        let clock = replica.clock;
        let persister = Persister { store: store.clone(), clock, stop: stop.clone() };
        let responding = respond(broker, health, stop, persister, replica);
        let draining = dead_letters::drain::run(broker, &store, stop, clock);
        together([Box::pin(responding) as Running<'_>, Box::pin(draining)]).await;
    }
}

/// Waits until the database has the table that this version writes to.
async fn schema_exists(store: &Store) {
    let mut said = false;
    loop {
        let why = match store.schema().await {
            Ok(SchemaState::Current | SchemaState::Newer) => return,
            Ok(SchemaState::Older) => "the schema is older: run `spymission migrate`".to_owned(),
            Err(error) => error.to_string(),
        };
        if !std::mem::replace(&mut said, true) {
            tracing::warn!(role = "persister", why, "waiting for the database");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

struct Persister {
    store: Store,
    clock: Clock,
    stop: CancellationToken,
}

impl Responder for Persister {
    type Question = Decisions;
    const LIMIT: usize = Mission::BATCH as usize;

    fn role(&self) -> Role {
        Role::Persister
    }

    fn queue(&self) -> Queue {
        topology::DECISION_QUEUE
    }

    fn weight(question: &Decisions) -> usize {
        question.missions.len()
    }

    async fn respond(&mut self, questions: Vec<Decisions>) -> Option<Vec<Response>> {
        let sizes: Vec<_> = questions.iter().map(|question| question.missions.len()).collect();
        let decisions: Vec<_> = questions.into_iter().flat_map(|q| q.missions).collect();
        let ids = || decisions.iter().map(|decision| decision.id);
        failpoint::reach("persister.before-commit", ids());
        let stored = self.store_all(&decisions).await?;
        failpoint::reach("persister.after-commit", ids());
        let mut stored = stored.into_iter();
        let system = self.store.system();
        let mut answer = |size| answer(stored.by_ref().take(size).collect(), system);
        Some(sizes.into_iter().map(&mut answer).collect())
    }
}

impl Persister {
    /// Stores once. All persisters of a database use its clock, so that rows are committed nearly
    /// in the order of `created_at`. Gateways that follow the table rely on that.
    async fn store_once(
        &self,
        decisions: &[Decision],
    ) -> Result<Vec<Result<Mission, Rejected>>, store::Error> {
        let now = self.store.time(self.clock).await?;
        self.store.store(decisions, now).await
    }

    /// Tries until the database has answered. Meanwhile it takes no more questions than the prefetch
    /// allows, and their requesters repeat them. After a stop it gives up: the decider still holds
    /// the request.
    async fn store_all(&self, decisions: &[Decision]) -> Option<Vec<Result<Mission, Rejected>>> {
        let mut waiting = false;
        loop {
            match self.store_once(decisions).await {
                Ok(stored) => {
                    if waiting {
                        tracing::info!(role = "persister", "the database is back");
                    }
                    return Some(stored);
                }
                Err(error) => {
                    if !std::mem::replace(&mut waiting, true) {
                        tracing::warn!(role = "persister", %error, "waiting for the database");
                    }
                }
            }
            let pause = Duration::from_millis(rand::rng().random_range(100..500));
            self.stop.run_until_cancelled(tokio::time::sleep(pause)).await?;
        }
    }
}

/// The reply to one question: all its missions as stored, with an event for each; or the problem of
/// the first row that the database refused.
fn answer(stored: Vec<Result<Mission, Rejected>>, system: &'static str) -> Response {
    let statement = Statement { system, operation: "INSERT", table: "missions" };
    match stored.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(missions) => {
            let events = missions.iter().map(created).collect();
            let about = missions.first().map(|first| (first.id, missions.len()));
            let body = crate::json(&Missions { missions });
            Response { kind: MessageType::Stored, body, events, about, statement: Some(statement) }
        }
        Err(rejected) => {
            let detail = format!("the database refused a row: {rejected}");
            let problem = Problem::new(ProblemKind::SetAside, detail);
            Response::new(MessageType::Problem, crate::json(&problem))
        }
    }
}

/// The event of a stored mission. The row may be older than this statement; the event is the same.
fn created(mission: &Mission) -> Event {
    Event {
        kind: MessageType::Created,
        mission: mission.id,
        key: event_queue::key(mission.casebook.as_str()),
        body: crate::json(mission),
    }
}
