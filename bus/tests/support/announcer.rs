//! A responder that also announces events.

use bus::{Broker, Event, Responder, Response};
use schemas::topology::{NUMBER_QUEUE, Queue, event_queue};
use schemas::{MessageType, MissionId, MissionIds, Part, Role};
use tokio_util::sync::CancellationToken;

use crate::support::responders::Server;

/// Replies to each question, the id of a mission, with the question, and announces the mission.
struct Announcer;

impl Responder for Announcer {
    type Question = MissionId;
    const LIMIT: usize = 10 * MissionIds::MAX;

    fn role(&self) -> Role {
        Role::Part(Part::Number)
    }

    fn queue(&self) -> Queue {
        NUMBER_QUEUE
    }

    fn weight(_: &MissionId) -> usize {
        1
    }

    async fn respond(&mut self, questions: Vec<MissionId>) -> Option<Vec<Response>> {
        let response = |mission: MissionId| {
            let (key, body) = (event_queue::key("malory"), mission.to_string().into_bytes());
            let event = Event { kind: MessageType::Created, missions: vec![mission], key, body };
            let reply = serde_json::to_vec(&mission).unwrap();
            Response {
                events: vec![event],
                ..Response::new(MessageType::Part(Part::Number), reply)
            }
        };
        Some(questions.into_iter().map(response).collect())
    }
}

impl Server {
    /// A responder of the number queue that announces an event for each question.
    pub(crate) async fn announcer(broker: &Broker) -> Self {
        let server = Self::start(broker, Announcer, CancellationToken::new());
        server.up().await;
        server
    }
}
