//! More responders that reply to each question with the question itself.

use std::sync::Arc;

use bus::{Broker, Responder, Response};
use schemas::topology::{LETTER_QUEUE, NUMBER_QUEUE, Queue};
use schemas::{MessageType, MissionIds, Part, Role};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::support::responders::{Server, echo};
use crate::support::time::soon;

/// Answers the questions of the letter queue.
struct Letters;

impl Responder for Letters {
    type Question = String;
    const LIMIT: usize = 10 * MissionIds::MAX;

    fn role(&self) -> Role {
        Role::Part(Part::Letter)
    }

    fn queue(&self) -> Queue {
        LETTER_QUEUE
    }

    fn weight(_: &String) -> usize {
        1
    }

    async fn respond(&mut self, questions: Vec<String>) -> Option<Vec<Response>> {
        Some(echo(MessageType::Part(Part::Letter), &questions))
    }
}

/// Answers the questions of the number queue, at most two at once. It tells what it was given,
/// and answers when its gate is open; if it is stopped before that, it does not.
struct Gated {
    given: mpsc::UnboundedSender<Vec<String>>,
    open: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Responder for Gated {
    type Question = String;
    const LIMIT: usize = 2 * MissionIds::MAX;

    fn role(&self) -> Role {
        Role::Part(Part::Number)
    }

    fn queue(&self) -> Queue {
        NUMBER_QUEUE
    }

    fn weight(_: &String) -> usize {
        MissionIds::MAX
    }

    async fn respond(&mut self, questions: Vec<String>) -> Option<Vec<Response>> {
        self.given.send(questions.clone()).unwrap();
        let _opened = self.stop.run_until_cancelled(self.open.acquire()).await?.unwrap();
        Some(echo(MessageType::Part(Part::Number), &questions))
    }
}

/// What a test sees of a gated responder, and how it opens its gate.
pub(super) struct Gate {
    given: mpsc::UnboundedReceiver<Vec<String>>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub(super) fn open(&self) {
        self.open.add_permits(1);
    }

    /// What the responder is given at once.
    pub(super) async fn next(&mut self) -> Vec<String> {
        soon("questions for the responder", self.given.recv()).await.unwrap()
    }
}

impl Server {
    pub(super) async fn letters(broker: &Broker) -> Self {
        let server = Self::start(broker, Letters, CancellationToken::new());
        server.up().await;
        server
    }

    pub(super) async fn gated(broker: &Broker) -> (Self, Gate) {
        let stop = CancellationToken::new();
        let (sender, given) = mpsc::unbounded_channel();
        let open = Arc::new(Semaphore::new(0));
        let responder = Gated { given: sender, open: Arc::clone(&open), stop: stop.clone() };
        let server = Self::start(broker, responder, stop);
        server.up().await;
        (server, Gate { given, open })
    }

    /// Ends it on the spot, as a crash would.
    pub(super) async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}
