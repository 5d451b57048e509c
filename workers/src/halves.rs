//! The two workers that draw the halves of a dossier.

use bus::{Agent, Broker, Health, serve};
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
    serve(broker, health, stop, NumberWorker(rng), instance).await;
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
    serve(broker, health, stop, LetterWorker(rng), instance).await;
}

struct NumberWorker<R>(R);

impl<R: Rng + Send> Agent for NumberWorker<R> {
    type Question = Request;
    const ROLE: &'static str = "number";
    const QUEUE: Queue = topology::NUMBER_QUEUE;
    const LIMIT: usize = LIMIT;

    fn weight(question: &Request) -> usize {
        question.missions.len()
    }

    async fn answer(&mut self, questions: Vec<Request>) -> Option<Vec<(Kind, Vec<u8>)>> {
        let rng = &mut self.0;
        let mut draw = |question: Request| {
            let numbers = (0..question.missions.len()).map(|_| Numbers::draw(rng)).collect();
            (Kind::Numbers, crate::json(&NumberHalves { numbers }))
        };
        Some(questions.into_iter().map(&mut draw).collect())
    }
}

struct LetterWorker<R>(R);

impl<R: Rng + Send> Agent for LetterWorker<R> {
    type Question = Request;
    const ROLE: &'static str = "letter";
    const QUEUE: Queue = topology::LETTER_QUEUE;
    const LIMIT: usize = LIMIT;

    fn weight(question: &Request) -> usize {
        question.missions.len()
    }

    async fn answer(&mut self, questions: Vec<Request>) -> Option<Vec<(Kind, Vec<u8>)>> {
        let rng = &mut self.0;
        let mut draw = |question: Request| {
            let letters = (0..question.missions.len()).map(|_| Letters::draw(rng)).collect();
            (Kind::Letters, crate::json(&LetterHalves { letters }))
        };
        Some(questions.into_iter().map(&mut draw).collect())
    }
}

/// Missions that are drawn for at once.
const LIMIT: usize = 16 * MissionIds::MAX;
