//! The two workers that draw the halves of a dossier.

use std::marker::PhantomData;

use bus::{Agent, Broker, Health, Served, serve};
use rand::Rng;
use schemas::topology::{self, Queue};
use schemas::{Kind, LetterHalves, Letters, MissionIds, NumberHalves, Numbers, Request};
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
    let worker = Worker { rng, half: PhantomData::<NumberHalf> };
    serve(broker, health, stop, worker, instance).await;
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
    let worker = Worker { rng, half: PhantomData::<LetterHalf> };
    serve(broker, health, stop, worker, instance).await;
}

/// Which half of a dossier a worker draws.
trait Half: Send {
    const ROLE: &'static str;
    const QUEUE: Queue;

    /// Draws for so many missions: the answer.
    fn draw(count: usize, rng: &mut impl Rng) -> Served;
}

struct NumberHalf;

impl Half for NumberHalf {
    const ROLE: &'static str = "number";
    const QUEUE: Queue = topology::NUMBER_QUEUE;

    fn draw(count: usize, rng: &mut impl Rng) -> Served {
        let numbers = (0..count).map(|_| Numbers::draw(rng)).collect();
        Served::new(Kind::Numbers, crate::json(&NumberHalves { numbers }))
    }
}

struct LetterHalf;

impl Half for LetterHalf {
    const ROLE: &'static str = "letter";
    const QUEUE: Queue = topology::LETTER_QUEUE;

    fn draw(count: usize, rng: &mut impl Rng) -> Served {
        let letters = (0..count).map(|_| Letters::draw(rng)).collect();
        Served::new(Kind::Letters, crate::json(&LetterHalves { letters }))
    }
}

struct Worker<H, R> {
    rng: R,
    half: PhantomData<H>,
}

impl<H: Half, R: Rng + Send> Agent for Worker<H, R> {
    type Question = Request;
    const ROLE: &'static str = H::ROLE;
    const QUEUE: Queue = H::QUEUE;
    const LIMIT: usize = LIMIT;

    fn weight(question: &Request) -> usize {
        question.missions.len()
    }

    async fn answer(&mut self, questions: Vec<Request>) -> Option<Vec<Served>> {
        let draw = |question: &Request| H::draw(question.missions.len(), &mut self.rng);
        Some(questions.iter().map(draw).collect())
    }
}

/// Missions that are drawn for at once.
const LIMIT: usize = 16 * MissionIds::MAX;
