//! What an agent answers, and what it tells whoever listens.

use futures_util::future::try_join_all;
use schemas::{MessageType, MissionId, topology};

use crate::{Envelope, Fault, Publisher, failpoint};

/// An answer, and what has happened by it.
#[derive(Debug)]
pub struct Response {
    /// What it holds.
    pub kind: MessageType,
    /// The body.
    pub body: Vec<u8>,
    /// Told to whoever listens, after the answer was sent.
    pub events: Vec<Event>,
}

impl Response {
    /// An answer by which nothing has happened.
    pub fn new(kind: MessageType, body: Vec<u8>) -> Self {
        Self { kind, body, events: Vec::new() }
    }
}

/// What has happened to a mission. It is told before its question is acknowledged: it may be told
/// twice.
#[derive(Debug)]
pub struct Event {
    /// What has happened.
    pub kind: MessageType,
    /// To which mission.
    pub mission: MissionId,
    /// The routing key.
    pub key: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends the answers.
pub(crate) async fn send(
    publisher: &Publisher,
    instance: &str,
    served: &[(&Envelope, Response)],
) -> Result<(), Fault> {
    let sending = served.iter().map(|(asked, answer)| {
        let instance = Some(instance.to_owned());
        let envelope = Envelope { app_id: instance, ..asked.reply(answer.kind) };
        let key = asked.reply_to.as_deref().unwrap_or_default();
        async move { publisher.send(topology::REPLIES, key, &envelope, &answer.body).await }
    });
    try_join_all(sending).await.map(drop)
}

/// Tells what has happened. All at once, not one after the other: an event that awaits the one
/// before it costs four times as much.
pub(crate) async fn announce(
    publisher: &Publisher,
    served: &[(&Envelope, Response)],
) -> Result<(), Fault> {
    let events =
        || served.iter().flat_map(|(asked, answer)| answer.events.iter().map(move |e| (*asked, e)));
    failpoint::reach("serve.before-events", events().map(|(_, event)| event.mission));
    let telling = events().map(|(asked, event)| async move {
        let envelope = Envelope {
            message_id: Some(event.mission.to_string()),
            correlation_id: None,
            ..asked.reply(event.kind)
        };
        publisher.send(topology::EVENTS, &event.key, &envelope, &event.body).await
    });
    try_join_all(telling).await.map(drop)
}
