//! A responder that replies to each question with the question itself, and how a test runs it.

use bus::{Broker, Health, Replica, Responder, Response, State, respond};
use schemas::topology::{NUMBER_QUEUE, Queue};
use schemas::{MessageType, MissionIds, Part, Role};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::time::soon;

/// Answers the questions of the number queue.
struct Numbers;

impl Responder for Numbers {
    type Question = String;
    const LIMIT: usize = 10 * MissionIds::MAX;

    fn role(&self) -> Role {
        Role::Part(Part::Number)
    }

    fn queue(&self) -> Queue {
        NUMBER_QUEUE
    }

    fn weight(_: &String) -> usize {
        1
    }

    async fn respond(&mut self, questions: Vec<String>) -> Option<Vec<Response>> {
        Some(echo(MessageType::Part(Part::Number), &questions))
    }
}

pub(crate) fn echo(kind: MessageType, questions: &[String]) -> Vec<Response> {
    questions
        .iter()
        .map(|question| Response::new(kind, serde_json::to_vec(question).unwrap()))
        .collect()
}

/// What the clock of every responder says.
pub(crate) const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

/// A responder that runs.
pub(crate) struct Server {
    pub(crate) health: Health,
    pub(crate) task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Server {
    /// The responder of the number queue, once it consumes.
    pub(crate) async fn numbers(broker: &Broker) -> Self {
        let server = Self::begin(broker);
        server.up().await;
        server
    }

    /// The responder of the number queue; its broker may be away.
    pub(crate) fn begin(broker: &Broker) -> Self {
        Self::start(broker, Numbers, CancellationToken::new())
    }

    pub(crate) fn start<A: Responder + Send + 'static>(
        broker: &Broker,
        responder: A,
        stop: CancellationToken,
    ) -> Self {
        let (broker, health) = (broker.clone(), Health::default());
        let (its_health, its_stop) = (health.clone(), stop.clone());
        let instance = format!("{}-1", responder.role().name());
        let task = tokio::spawn(async move {
            let replica = Replica { instance: &instance, clock: || NOON };
            respond(&broker, &its_health, &its_stop, responder, replica).await;
        });
        Self { health, task, stop }
    }

    /// Waits until it consumes.
    pub(crate) async fn up(&self) {
        let mut health = self.health.watch();
        soon("a server that is up", health.wait_for(|state| *state == State::Up)).await.unwrap();
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        soon("the end of a server", self.task).await.unwrap();
    }
}
