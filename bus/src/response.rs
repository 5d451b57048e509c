//! What a responder replies, and the events that it announces.

use futures_util::future::try_join_all;
use schemas::topology::reply_queue;
use schemas::{MessageType, MissionId, Stamp, topology};

use crate::{CopyTo, Envelope, Fault, Publisher};

/// A reply, and the events that follow from it.
#[derive(Debug)]
pub struct Response {
    /// What the reply holds.
    pub kind: MessageType,
    /// The body of the reply.
    pub body: Vec<u8>,
    /// The events. They are published after all replies to the questions that were handled together.
    pub events: Vec<Event>,
    /// The first mission that it is about, and how many there are: for logs and spans.
    pub about: Option<(MissionId, usize)>,
    /// The statement that was committed for it.
    pub statement: Option<Statement>,
}

/// A statement of a database, as the semantic conventions of OpenTelemetry name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The product: `mysql`, `sqlite`.
    pub system: &'static str,
    /// What it does: `INSERT`.
    pub operation: &'static str,
    /// With which table.
    pub table: &'static str,
}

impl Response {
    /// A reply without events.
    pub fn new(kind: MessageType, body: Vec<u8>) -> Self {
        Self { kind, body, events: Vec::new(), about: None, statement: None }
    }

    /// The same reply, about these missions.
    #[must_use]
    pub fn about(self, missions: &[MissionId]) -> Self {
        Self { about: missions.first().map(|first| (*first, missions.len())), ..self }
    }
}

/// What happened to missions. An event is a hint: it may be delivered twice, and it is lost when it
/// cannot be published.
#[derive(Debug)]
pub struct Event {
    /// What happened.
    pub kind: MessageType,
    /// To which missions.
    pub missions: Vec<MissionId>,
    /// The routing key.
    pub key: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The stamp of the reply to this question: it tells which attempt was answered.
pub(crate) fn stamp_of(stamp: &Stamp, asked: &Envelope) -> Stamp {
    Stamp { attempt: asked.attempt.max(1), ..stamp.clone() }
}

/// Who gets a copy of this reply. What is stored is for the caller just as it is; what else there is to
/// say, the requester judges first.
pub(crate) fn copy_to<'a>(asked: &'a Envelope, response: &Response) -> Option<&'a CopyTo> {
    let ours = |to: &&CopyTo| to.address.starts_with(reply_queue::PREFIX);
    asked.copy_to.as_ref().filter(|_| response.kind == MessageType::Stored).filter(ours)
}

/// Sends the reply to each question, each with its stamp.
pub(crate) async fn send(
    publisher: &Publisher,
    stamp: &Stamp,
    responses: &[(Envelope, Response)],
) -> Result<(), Fault> {
    if let [(asked, response)] = responses {
        return send_one(publisher, stamp, asked, response).await; // without a list of futures
    }
    let sending =
        responses.iter().map(|(asked, response)| send_one(publisher, stamp, asked, response));
    try_join_all(sending).await.map(drop)
}

async fn send_one(
    publisher: &Publisher,
    stamp: &Stamp,
    asked: &Envelope,
    response: &Response,
) -> Result<(), Fault> {
    let key = asked.reply_to.as_deref().unwrap_or_default();
    let (app_id, mut stamp) = (Some(stamp.instance.as_ref().to_owned()), stamp_of(stamp, asked));
    let Some(copy) = copy_to(asked, response) else {
        let envelope = Envelope { app_id, stamps: stamp.into(), ..asked.reply(response.kind) };
        return publisher.send(topology::REPLIES, key, &envelope, &response.body).await;
    };
    // The caller is told of the whole way. The requester's stamp is the first, and ends when it asked.
    let mut stamps = asked.stamps.clone();
    stamp.asked = stamps.as_slice().first().map(|requester| requester.done);
    stamps.push(stamp);
    let copy_to = Some(copy.clone());
    let envelope = Envelope { app_id, stamps, copy_to, ..asked.reply(MessageType::Missions) };
    let keys = (key, copy.address.as_str());
    publisher.send_copied(topology::REPLIES, keys, &envelope, &response.body).await
}
