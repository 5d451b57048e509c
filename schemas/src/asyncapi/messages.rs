//! The messages, each with its body, headers, properties and an example.

use serde_json::{Map, Value, json};

use super::audience::Audience::{self, Internal, Public};
use super::properties::{self, BINDING};
use crate::{MessageType, Part, ProblemKind, sample};

/// A message, before it is written down.
struct Message {
    name: &'static str,
    title: String,
    summary: &'static str,
    audience: Audience,
    kind: Option<MessageType>,
    /// The name of its schema; `None` where it may be anything.
    payload: Option<&'static str>,
    headers: Value,
    properties: Value,
    /// What it is about, its body, and its headers.
    examples: Vec<(&'static str, Value, Value)>,
}

/// Every message, as components.
pub(super) fn all() -> Value {
    let told = [asked(), replied(), refused(), created(), dead_letter()];
    let inside = [question(), decisions(), stored(), returned()];
    let written = |message: Message| (message.name.to_owned(), message.write());
    told.into_iter()
        .chain(inside)
        .chain(Part::ALL.map(drawn))
        .map(written)
        .collect::<Map<_, _>>()
        .into()
}

impl Message {
    fn write(self) -> Value {
        let example = |(summary, payload, headers)| json!({ "summary": summary, "payload": payload, "headers": headers });
        let mut message = json!({
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "tags": self.audience.tags(),
            "contentType": "application/json",
            "headers": self.headers,
            "payload": {},
            "correlationId": { "$ref": "#/components/correlationIds/correlation_id" },
            "x-amqp-properties": self.properties,
            "examples": self.examples.into_iter().map(example).collect::<Vec<_>>(),
        });
        if let Some(schema) = self.payload {
            let reference = format!("#/components/schemas/{schema}");
            set(&mut message, "payload", json!({ "$ref": reference }));
        }
        if let Some(kind) = self.kind {
            let binding = json!({ "messageType": kind.as_str(), "bindingVersion": BINDING });
            set(&mut message, "bindings", json!({ "amqp": binding }));
        }
        message
    }
}

fn set(object: &mut Value, member: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(member.to_owned(), value);
    }
}

fn traced() -> Value {
    json!({ "traceparent": sample::TRACEPARENT })
}

/// Properties of a request, from whomever.
const ASKED: [(&str, bool); 5] = [
    ("message_id", false),
    ("reply_to", false),
    ("correlation_id", false),
    ("expiration", false),
    ("timestamp", false),
];

fn asked() -> Message {
    let list = json!({ "missions": [sample::ID] });
    let deadline = json!({ "deadline": 4_102_444_800_000_u64 });
    Message {
        name: "request",
        title: "A request for missions".to_owned(),
        summary: "1 to 256 ids, each once; or `{}`: the one mission whose id is the property \
            `message_id`.",
        audience: Public,
        kind: None,
        payload: Some("Request"),
        headers: properties::of_request(),
        properties: properties::read(&[&ASKED[..], &[("delivery_mode", false)]].concat()),
        examples: vec![
            ("One mission, by its message_id", json!({}), json!({})),
            ("By name, until the year 2100", list, deadline),
        ],
    }
}

fn replied() -> Message {
    Message {
        name: "missions",
        title: "The reply: missions that stand".to_owned(),
        summary: "Sent after the commit, and equal to the rows. A large order may be answered in \
            parts, all with the request's `correlation_id`.",
        audience: Public,
        kind: Some(MessageType::Missions),
        payload: Some("Missions"),
        headers: properties::ours(),
        properties: reply(MessageType::Missions),
        examples: vec![("One mission", sample::missions(), traced())],
    }
}

fn refused() -> Message {
    Message {
        name: "problem",
        title: "The error reply".to_owned(),
        summary: "A problem object (RFC 9457): its `detail` names the field and the fix.",
        audience: Public,
        kind: Some(MessageType::Problem),
        payload: Some("Problem"),
        headers: properties::ours(),
        properties: reply(MessageType::Problem),
        examples: vec![("A wrong request", sample::problem(ProblemKind::Invalid), json!({}))],
    }
}

/// A reply is persistent on its way to a caller's own queue, and transient to one of our agents'.
fn reply(kind: MessageType) -> Value {
    let asked = [("correlation_id", false), ("app_id", false)];
    let mut properties = properties::written(Some(kind), true, &asked);
    if let Some(mode) = properties.pointer_mut("/properties/delivery_mode") {
        *mode = json!({ "enum": [1, 2] });
    }
    properties
}

fn created() -> Message {
    Message {
        name: "created",
        title: "The event: a mission stands".to_owned(),
        summary: "A hint: it may be lost, and one mission may be announced twice. The table is \
            the truth.",
        audience: Public,
        kind: Some(MessageType::Created),
        payload: Some("Mission"),
        headers: properties::ours(),
        properties: properties::written(
            Some(MessageType::Created),
            false,
            &[("message_id", false), ("app_id", false), ("timestamp", false)],
        ),
        examples: vec![("A new mission", sample::mission(), traced())],
    }
}

fn dead_letter() -> Message {
    let headers = json!({
        "reason": "invalid: `missions` is empty: list 1 to 256 UUIDs, or send {} with a message_id",
        "role": "decider", "tries": 1, "first_at": 1_795_353_891,
    });
    Message {
        name: "deadLetter",
        title: "A request that was set aside".to_owned(),
        summary: "The original bytes, whatever they are, and who set them aside and why.",
        audience: Public,
        kind: None,
        payload: None,
        headers: properties::of_dead_letter(),
        properties: properties::read(&[&ASKED[..], &[("delivery_mode", true)]].concat()),
        examples: vec![("A list of none", json!({ "missions": [] }), headers)],
    }
}

/// Properties of a question to our own agents.
const QUESTION: [(&str, bool); 3] =
    [("message_id", false), ("reply_to", true), ("correlation_id", true)];

fn question() -> Message {
    Message {
        name: "partsQuestion",
        title: "What parts are needed".to_owned(),
        summary: "The request's missions; one worker of each kind gets a copy.",
        audience: Internal,
        kind: None,
        payload: Some("Request"),
        headers: properties::of_question(),
        properties: properties::written(None, false, &QUESTION),
        examples: vec![("One mission", json!({ "missions": [sample::ID] }), traced())],
    }
}

/// A reply of one of our processes.
fn answer(
    (name, title, summary): (&'static str, String, &'static str),
    (kind, payload): (MessageType, &'static str),
    example: Value,
) -> Message {
    let named = [("correlation_id", true), ("app_id", true)];
    Message {
        name,
        title,
        summary,
        audience: Internal,
        kind: Some(kind),
        payload: Some(payload),
        headers: properties::ours(),
        properties: properties::written(Some(kind), false, &named),
        examples: vec![("For one mission", example, traced())],
    }
}

/// The reply of a worker.
fn drawn(part: Part) -> Message {
    let (first, rest) = part.what().split_at(1);
    let title = format!("{}{rest} for each mission", first.to_uppercase());
    let about = (part.word(), title, "In the order of the question.");
    answer(about, (MessageType::Part(part), part.title()), part.sample())
}

fn stored() -> Message {
    let title = "Missions that are committed".to_owned();
    let about = ("stored", title, "In the order of the decisions.");
    answer(about, (MessageType::Stored, "Missions"), sample::missions())
}

fn returned() -> Message {
    let title = "A question that is not answered".to_owned();
    let summary = "It was delivered before, to a process that did not answer it. Whoever asked \
        counts that and asks again, with the header `tries`.";
    let example = sample::problem(ProblemKind::Unavailable);
    answer(("returned", title, summary), (MessageType::Returned, "Problem"), example)
}

fn decisions() -> Message {
    Message {
        name: "decisions",
        title: "Missions to be stored".to_owned(),
        summary: "What the casebook made of the parts.",
        audience: Internal,
        kind: None,
        payload: Some("Decisions"),
        headers: properties::of_question(),
        properties: properties::written(None, false, &QUESTION),
        examples: vec![("One mission", json!({ "missions": [sample::decision()] }), traced())],
    }
}
