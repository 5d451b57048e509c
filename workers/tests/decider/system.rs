//! A broker in this process, workers, a persister without a database, and a decider.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{
    Address, Broker, Confirmed, ConfirmedPublisher, Envelope, Health, Link, Replica, Responder,
    Response, respond,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use schemas::topology::{DEAD_LETTERS, DECISION_QUEUE, Queue, REQUESTS};
use schemas::{
    Casebook, CreatedAt, Decisions, MessageType, MissionId, MissionIds, Missions, Part, Problem,
    ProblemKind, Request, Role,
};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use workers::decider;

/// What a persister without a database stores, refuses, and waits for.
#[derive(Clone)]
pub(crate) struct Rows {
    stored: Arc<Mutex<HashSet<MissionId>>>,
    refused: Arc<HashSet<MissionId>>,
    /// A persister panics when it is asked to store one of these.
    pub(crate) poison: Arc<HashSet<MissionId>>,
    /// How long a batch takes.
    pub(crate) work: Duration,
    /// Closed while there are no permits.
    pub(crate) gate: Arc<Semaphore>,
}

impl Rows {
    /// A table that refuses these missions.
    pub(crate) fn refusing(refused: &[MissionId]) -> Self {
        let refused = Arc::new(refused.iter().copied().collect());
        let (stored, poison) = (Arc::default(), Arc::default());
        Self { stored, refused, poison, work: Duration::ZERO, gate: Arc::new(Semaphore::new(1)) }
    }

    /// A table whose persister panics over these missions.
    pub(crate) fn poisoned_by(poison: &[MissionId]) -> Self {
        let poison = Arc::new(poison.iter().copied().collect());
        Self { poison, ..Self::refusing(&[]) }
    }

    pub(crate) fn count(&self) -> usize {
        self.stored.lock().unwrap().len()
    }

    pub(crate) fn has(&self, id: MissionId) -> bool {
        self.stored.lock().unwrap().contains(&id)
    }

    fn store(&self, question: &Decisions) -> Response {
        if question.missions.iter().any(|decision| self.refused.contains(&decision.id)) {
            let problem = Problem::new(ProblemKind::SetAside, "the database refused a row");
            return response(MessageType::Problem, &problem);
        }
        let now = CreatedAt::truncated(now());
        let stored = question.missions.iter().map(|decision| decision.clone().stored(now));
        let missions: Vec<_> = stored.collect();
        self.stored.lock().unwrap().extend(missions.iter().map(|mission| mission.id));
        response(MessageType::Stored, &Missions { missions })
    }
}

fn response(kind: MessageType, body: &impl serde::Serialize) -> Response {
    Response::new(kind, serde_json::to_vec(body).unwrap())
}

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

fn replica(instance: &str) -> Replica<'_> {
    Replica { instance, clock: now }
}

impl Responder for Rows {
    type Question = Decisions;
    const LIMIT: usize = 1_024;

    fn role(&self) -> Role {
        Role::Persister
    }

    fn queue(&self) -> Queue {
        DECISION_QUEUE
    }

    fn weight(question: &Decisions) -> usize {
        question.missions.len()
    }

    async fn respond(&mut self, questions: Vec<Decisions>) -> Option<Vec<Response>> {
        let _open = self.gate.acquire().await.unwrap();
        sleep(self.work).await;
        let mut decisions = questions.iter().flat_map(|question| &question.missions);
        assert!(!decisions.any(|decision| self.poison.contains(&decision.id)), "poison");
        Some(questions.iter().map(|question| self.store(question)).collect())
    }
}

/// A role at work; it ends when this is dropped.
pub(crate) type Running = AbortOnDropHandle<()>;

pub(crate) struct System {
    pub(crate) broker: Broker,
    pub(crate) health: Health,
    pub(crate) stop: CancellationToken,
    pub(crate) link: Link,
    pub(crate) durable: ConfirmedPublisher,
}

impl System {
    pub(crate) async fn new() -> Self {
        let broker = Broker::new(Address::Memory);
        let link = broker.open("test").await.unwrap();
        let durable = link.confirmed_publisher().await.unwrap();
        let (health, stop) = (Health::default(), CancellationToken::new());
        Self { broker, health, stop, link, durable }
    }

    pub(crate) fn persister(&self, rows: &Rows) -> Running {
        let (broker, rows) = (self.broker.clone(), rows.clone());
        spawn(async move {
            respond(&broker, &Health::default(), &CancellationToken::new(), rows, replica("p-1"))
                .await;
        })
    }

    pub(crate) fn worker(&self, part: Part) -> Running {
        let broker = self.broker.clone();
        spawn(async move {
            let (health, stop) = (Health::default(), CancellationToken::new());
            workers::part(part, &broker, &health, &stop, StdRng::seed_from_u64(1), replica("w-1"))
                .await;
        })
    }

    pub(crate) fn workers(&self) -> Vec<Running> {
        Part::ALL.into_iter().map(|part| self.worker(part)).collect()
    }

    /// The workers of all other parts: a new part has one, too.
    pub(crate) fn workers_but(&self, absent: Part) -> Vec<Running> {
        let others = Part::ALL.into_iter().filter(|part| *part != absent);
        others.map(|part| self.worker(part)).collect()
    }

    pub(crate) fn decider(&self) -> JoinHandle<()> {
        self.decider_with(now)
    }

    pub(crate) fn decider_with(&self, clock: fn() -> OffsetDateTime) -> JoinHandle<()> {
        let (broker, health) = (self.broker.clone(), self.health.clone());
        let config = decider::Config {
            casebook: Casebook::malory().unwrap(),
            clock,
            instance: "d-1".to_owned(),
        };
        let stop = self.stop.clone();
        tokio::spawn(async move { decider::run(&broker, config, &health, &stop).await })
    }

    /// Publishes a request; says what the queue said.
    pub(crate) async fn request(&self, missions: &[MissionId]) -> Confirmed {
        let missions = MissionIds::try_from(missions.to_vec()).unwrap();
        let body = serde_json::to_vec(&Request { missions }).unwrap();
        self.durable.publish(REQUESTS, &Envelope::default(), &body).await.unwrap()
    }

    /// Fills the dead letter queue.
    pub(crate) async fn fill_dead_letters(&self) {
        let envelope = Envelope::default();
        while self.durable.publish(DEAD_LETTERS, &envelope, b"").await.unwrap() == Confirmed::Taken
        {
        }
    }
}

fn spawn(role: impl Future<Output = ()> + Send + 'static) -> Running {
    AbortOnDropHandle::new(tokio::spawn(role))
}

pub(crate) fn ids<const N: usize>() -> [MissionId; N] {
    std::array::from_fn(|_| uuid::Uuid::new_v4().into())
}

/// Waits, in paused time, until the fact is so; fails when it is not so within the limit.
pub(crate) async fn within(limit: Duration, fact: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(limit, waiting).await.is_ok(), "waited {limit:?} for {fact}");
}

pub(crate) const SOON: Duration = Duration::from_secs(1);
