//! The two workers that draw the parts of a dossier.

use std::marker::PhantomData;

use bus::{Broker, Health, Responder, Response, respond};
use rand::Rng;
use schemas::topology::{self, Queue};
use schemas::{LetterParts, Letters, MessageType, MissionIds, NumberParts, Numbers, Request};
use tokio_util::sync::CancellationToken;

/// Runs a number worker until `stop`: six numbers for every mission it is asked for. `rng` decides
/// them; `instance` signs the answers.
pub async fn number<R: Rng + Send>(
    broker: &Broker,
    health: &Health,
    stop: &CancellationToken,
    rng: R,
    instance: &str,
) {
    let worker = Worker { rng, part: PhantomData::<NumberPart> };
    respond(broker, health, stop, worker, instance).await;
}

/// Runs a letter worker until `stop`: six letters for every mission it is asked for. `rng` decides
/// them; `instance` signs the answers.
pub async fn letter<R: Rng + Send>(
    broker: &Broker,
    health: &Health,
    stop: &CancellationToken,
    rng: R,
    instance: &str,
) {
    let worker = Worker { rng, part: PhantomData::<LetterPart> };
    respond(broker, health, stop, worker, instance).await;
}

/// Which part of a dossier a worker draws.
trait Part: Send {
    const ROLE: &'static str;
    const QUEUE: Queue;

    /// Draws for so many missions: the answer.
    fn draw(count: usize, rng: &mut impl Rng) -> Response;
}

struct NumberPart;

impl Part for NumberPart {
    const ROLE: &'static str = "number";
    const QUEUE: Queue = topology::NUMBER_QUEUE;

    fn draw(count: usize, rng: &mut impl Rng) -> Response {
        let numbers = (0..count).map(|_| Numbers::draw(rng)).collect();
        Response::new(MessageType::Numbers, crate::json(&NumberParts { numbers }))
    }
}

struct LetterPart;

impl Part for LetterPart {
    const ROLE: &'static str = "letter";
    const QUEUE: Queue = topology::LETTER_QUEUE;

    fn draw(count: usize, rng: &mut impl Rng) -> Response {
        let letters = (0..count).map(|_| Letters::draw(rng)).collect();
        Response::new(MessageType::Letters, crate::json(&LetterParts { letters }))
    }
}

struct Worker<H, R> {
    rng: R,
    part: PhantomData<H>,
}

impl<H: Part, R: Rng + Send> Responder for Worker<H, R> {
    type Question = Request;
    const ROLE: &'static str = H::ROLE;
    const QUEUE: Queue = H::QUEUE;
    const LIMIT: usize = LIMIT;

    fn weight(question: &Request) -> usize {
        question.missions.len()
    }

    async fn respond(&mut self, questions: Vec<Request>) -> Option<Vec<Response>> {
        let draw = |question: &Request| H::draw(question.missions.len(), &mut self.rng);
        Some(questions.iter().map(draw).collect())
    }
}

/// Missions that are drawn for at once.
const LIMIT: usize = 16 * MissionIds::MAX;
