//! The workers that draw the parts of a mission.

use bus::{Broker, Health, Replica, Responder, Response, respond};
use rand::Rng;
use schemas::topology::{Queue, part_queue};
use schemas::{MessageType, MissionIds, Part, Request, Role};
use tokio_util::sync::CancellationToken;

/// Runs a worker of this part until `stop`: it draws the part for every mission that it is asked
/// for. `rng` decides what is drawn; `replica` signs and stamps the replies.
pub async fn part<R: Rng + Send>(
    part: Part,
    broker: &Broker,
    health: &Health,
    stop: &CancellationToken,
    rng: R,
    replica: Replica<'_>,
) {
    respond(broker, health, stop, Worker { part, rng }, replica).await;
}

struct Worker<R> {
    part: Part,
    rng: R,
}

impl<R: Rng + Send> Responder for Worker<R> {
    type Question = Request;
    const LIMIT: usize = LIMIT;

    fn role(&self) -> Role {
        Role::Part(self.part)
    }

    fn queue(&self) -> Queue {
        part_queue(self.part)
    }

    fn weight(question: &Request) -> usize {
        question.missions.len()
    }

    async fn respond(&mut self, questions: Vec<Request>) -> Option<Vec<Response>> {
        let draw = |question: &Request| {
            let parts = self.part.draw(question.missions.len(), &mut self.rng);
            Response::new(MessageType::Part(self.part), parts).about(question.missions.as_slice())
        };
        Some(questions.iter().map(draw).collect())
    }
}

/// Missions that are drawn for at once.
const LIMIT: usize = 16 * MissionIds::MAX;
