//! The persister writes the decisions that are ready in one statement. After the commit it replies
//! with what is stored, and then announces the missions on `mission.events`. Beside that it moves
//! dead letters into their table.

use std::collections::BTreeMap;
use std::time::Duration;

use bus::{
    Broker, Event, Health, Replica, Responder, Response, Running, Statement, failpoint, respond,
    together,
};
use schemas::topology::{self, Queue, event_queue};
use schemas::{Decision, Decisions, MessageType, Mission, Missions, Problem, ProblemKind, Role};
use seams::{Mutant, chance, planted};
use serde::Serialize;
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
    let ready = async {
        schema_exists(&store).await;
        say_what_a_crash_may_lose(&store).await;
    };
    if stop.run_until_cancelled(ready).await.is_some() {
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

/// Says if the database answers commits before they are on the disk. Where it does not tell, nothing
/// is claimed.
async fn say_what_a_crash_may_lose(store: &Store) {
    let unflushed = store.unflushed().await.unwrap_or_default();
    if !unflushed.is_empty() {
        let settings: Vec<_> = unflushed.iter().map(ToString::to_string).collect();
        tracing::warn!(
            role = "persister",
            settings = settings.join(", "),
            "the database does not flush each commit to the disk: a crash of its machine may lose \
             missions that callers were given; set them to 1"
        );
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
        let stored = if planted(Mutant::ReplyBeforeCommit) {
            self.reply_first(&decisions)
        } else {
            self.store_all(&decisions).await?
        };
        failpoint::reach("persister.after-commit", ids());
        let events = created(stored.iter().flatten());
        let mut stored = stored.into_iter();
        let system = self.store.system();
        let mut answer = |size| answer(stored.by_ref().take(size).collect(), system);
        let mut responses: Vec<_> = sizes.into_iter().map(&mut answer).collect();
        if let Some(first) = responses.first_mut() {
            first.events = events; // they tell of the whole statement
        }
        Some(responses)
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

    /// Of a planted defect: replies, and commits meanwhile.
    fn reply_first(&self, decisions: &[Decision]) -> Vec<Result<Mission, Rejected>> {
        let now = schemas::CreatedAt::truncated((self.clock)());
        let (store, kept) = (self.store.clone(), decisions.to_vec());
        tokio::spawn(async move { store.store(&kept, now).await });
        decisions.iter().map(|decision| Ok(decision.clone().stored(now))).collect()
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
                        say_what_a_crash_may_lose(&self.store).await; // it may be another server
                    }
                    return Some(stored);
                }
                Err(error) if planted(Mutant::AwayIsRefusal) => {
                    let refused = Err(Rejected { reason: error.to_string() });
                    return Some(vec![refused; decisions.len()]);
                }
                Err(error) => {
                    if !std::mem::replace(&mut waiting, true) {
                        tracing::warn!(role = "persister", %error, "waiting for the database");
                    }
                }
            }
            let pause = chance::millis(100..=500);
            self.stop.run_until_cancelled(tokio::time::sleep(pause)).await?;
        }
    }
}

/// The reply to one question: all its missions as stored, or the problem of the first row that the
/// database refused.
fn answer(stored: Vec<Result<Mission, Rejected>>, system: &'static str) -> Response {
    let statement = Statement { system, operation: "INSERT", table: "missions" };
    match stored.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(missions) => {
            let about = missions.first().map(|first| (first.id, missions.len()));
            let stored = Response::new(MessageType::Stored, crate::json(&Missions { missions }));
            Response { about, statement: Some(statement), ..stored }
        }
        Err(rejected) => {
            let detail = format!("the database refused a row: {rejected}");
            let problem = Problem::new(ProblemKind::SetAside, detail);
            Response::new(MessageType::Problem, crate::json(&problem))
        }
    }
}

/// The events of a statement: one for each casebook, of at most [`Missions::MAX`] missions each. A row
/// may be older than this statement; it is told of again.
fn created<'a>(stored: impl Iterator<Item = &'a Mission>) -> Vec<Event> {
    let mut casebooks: BTreeMap<&str, Vec<&Mission>> = BTreeMap::new();
    for mission in stored {
        casebooks.entry(mission.casebook.as_str()).or_default().push(mission);
    }
    let chunks = casebooks.iter().flat_map(|(casebook, missions)| {
        missions.chunks(Missions::MAX).map(move |missions| (casebook, missions))
    });
    let event = |(casebook, missions): (&&str, &[&Mission])| Event {
        kind: MessageType::Created,
        missions: missions.iter().map(|mission| mission.id).collect(),
        key: event_queue::key(casebook),
        body: crate::json(&Created { missions }),
    };
    chunks.map(event).collect()
}

/// [`Missions`] without a copy of each.
#[derive(Serialize)]
struct Created<'a> {
    missions: &'a [&'a Mission],
}
