//! The messages: body, headers, properties and examples of each.

use serde_json::{Map, Value, json};

use super::audience::Audience::{self, Internal, Public};
use super::properties::{self, BINDING};
use crate::{MessageType, Part, ProblemKind, sample};

/// A message of the document.
struct Message {
    name: &'static str,
    title: String,
    summary: &'static str,
    audience: Audience,
    kind: Option<MessageType>,
    /// The name of its schema; `None` if the body may be anything.
    payload: Option<&'static str>,
    headers: Value,
    properties: Value,
    /// A summary, the body and the headers of each example.
    examples: Vec<(&'static str, Value, Value)>,
}

/// Every message, as components.
pub(super) fn all() -> Value {
    let public = [request(), missions(), problem(), created(), dead_letter()];
    let internal = [question(), decisions(), stored(), returned(), status()];
    let written = |message: Message| (message.name.to_owned(), message.write());
    public
        .into_iter()
        .chain(internal)
        .chain(Part::ALL.map(parts))
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

fn stamped() -> Value {
    json!({ "traceparent": sample::TRACEPARENT, "stamps": sample::STAMPS })
}

/// The properties of a request.
const REQUEST: [(&str, bool); 6] = [
    ("message_id", false),
    ("reply_to", false),
    ("correlation_id", false),
    ("expiration", false),
    ("content_encoding", false),
    ("timestamp", false),
];

fn request() -> Message {
    let list = json!({ "missions": [sample::ID] });
    let deadline = json!({ "deadline": 4_102_444_800_000_u64 });
    Message {
        name: "request",
        title: "A request for missions".to_owned(),
        summary: "1 to 256 ids, each once; or `{}` for one mission whose id is the property \
            `message_id`.",
        audience: Public,
        kind: None,
        payload: Some("Request"),
        headers: properties::of_request(),
        properties: properties::read(&[&REQUEST[..], &[("delivery_mode", false)]].concat()),
        examples: vec![
            ("One mission, named by its message_id", json!({}), json!({})),
            ("A list, to be done before the year 2100", list, deadline),
        ],
    }
}

fn missions() -> Message {
    Message {
        name: "missions",
        title: "The reply: stored missions".to_owned(),
        summary: "Sent after the commit, and equal to the rows. The reply to a large request may \
            come in several messages, all with its `correlation_id`.",
        audience: Public,
        kind: Some(MessageType::Missions),
        payload: Some("Missions"),
        headers: properties::of_reply(),
        properties: reply(MessageType::Missions),
        examples: vec![("One mission", sample::missions(), stamped())],
    }
}

fn problem() -> Message {
    Message {
        name: "problem",
        title: "The error reply".to_owned(),
        summary: "A problem object (RFC 9457): its `detail` names the field and the fix.",
        audience: Public,
        kind: Some(MessageType::Problem),
        payload: Some("Problem"),
        headers: properties::of_reply(),
        properties: reply(MessageType::Problem),
        examples: vec![("A wrong request", sample::problem(ProblemKind::Invalid), json!({}))],
    }
}

/// The properties of a reply to a caller.
fn reply(kind: MessageType) -> Value {
    let named = [("correlation_id", false), ("app_id", false)];
    properties::written(Some(kind), false, &named)
}

fn created() -> Message {
    Message {
        name: "created",
        title: "The event: missions are stored".to_owned(),
        summary: "The missions of one casebook that one statement has stored, at most 256. A hint: \
            an event may be lost, and a mission may be told of twice. Only the table is complete.",
        audience: Public,
        kind: Some(MessageType::Created),
        payload: Some("Missions"),
        headers: properties::ours(),
        properties: properties::written(
            Some(MessageType::Created),
            false,
            &[("app_id", false), ("timestamp", false)],
        ),
        examples: vec![("A new mission", sample::missions(), traced())],
    }
}

fn status() -> Message {
    Message {
        name: "status",
        title: "The status of a process".to_owned(),
        summary: "Every process publishes it every 2 s, and once more when it leaves. A process \
            that is silent for 10 s is gone.",
        audience: Internal,
        kind: Some(MessageType::Status),
        payload: Some("Status"),
        headers: properties::ours(),
        properties: properties::written(Some(MessageType::Status), false, &[("app_id", true)]),
        examples: vec![("A decider that waits", sample::status(), json!({}))],
    }
}

fn dead_letter() -> Message {
    let headers = json!({
        "reason": "invalid: `missions` is empty: list 1 to 256 UUIDs, or send {} with a message_id",
        "role": "decider", "tries": 1, "first_at": 1_795_353_891, "last_at": 1_795_353_891,
        "id": "5c3f0a52-9b0e-5f5c-8d0e-6f1f4a7c2b11",
    });
    Message {
        name: "deadLetter",
        title: "A request that was set aside".to_owned(),
        summary: "The original bytes of the request. The headers say which role set it aside, and why.",
        audience: Public,
        kind: None,
        payload: None,
        headers: properties::of_dead_letter(),
        properties: properties::read(&[&REQUEST[..], &[("delivery_mode", true)]].concat()),
        examples: vec![("An empty list", json!({ "missions": [] }), headers)],
    }
}

/// The properties of a question: a message to our own processes that expects a reply.
const QUESTION: [(&str, bool); 3] =
    [("message_id", false), ("reply_to", true), ("correlation_id", true)];

fn question() -> Message {
    Message {
        name: "partsQuestion",
        title: "The missions whose parts are needed".to_owned(),
        summary: "The missions of the request. One worker of each kind gets a copy.",
        audience: Internal,
        kind: None,
        payload: Some("Request"),
        headers: properties::of_question(),
        properties: properties::written(None, false, &QUESTION),
        examples: vec![("One mission", json!({ "missions": [sample::ID] }), traced())],
    }
}

/// A reply of one of our processes.
fn internal_reply(
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
        headers: properties::of_reply(),
        properties: properties::written(Some(kind), false, &named),
        examples: vec![("For one mission", example, stamped())],
    }
}

/// The reply of a worker.
fn parts(part: Part) -> Message {
    let (first, rest) = part.what().split_at(1);
    let title = format!("{}{rest} for each mission", first.to_uppercase());
    let about = (part.word(), title, "In the order of the question.");
    internal_reply(about, (MessageType::Part(part), part.title()), part.sample())
}

fn stored() -> Message {
    let title = "Missions that are committed".to_owned();
    let about = ("stored", title, "In the order of the decisions.");
    internal_reply(about, (MessageType::Stored, "Missions"), sample::missions())
}

fn returned() -> Message {
    let title = "A question that is returned".to_owned();
    let summary = "It was delivered before, to a process that did not reply. The requester counts \
        that, and repeats the question with the header `tries`.";
    let example = sample::problem(ProblemKind::Unavailable);
    internal_reply(("returned", title, summary), (MessageType::Returned, "Problem"), example)
}

fn decisions() -> Message {
    Message {
        name: "decisions",
        title: "Missions to be stored".to_owned(),
        summary: "What the casebook has made from the parts.",
        audience: Internal,
        kind: None,
        payload: Some("Decisions"),
        headers: properties::of_decisions(),
        properties: properties::written(None, false, &QUESTION),
        examples: vec![("One mission", json!({ "missions": [sample::decision()] }), stamped())],
    }
}
