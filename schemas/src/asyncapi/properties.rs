//! The headers and AMQP properties of messages.

use serde_json::{Map, Value, json};

use crate::{MessageType, ProblemKind, Stamps};

/// The version of the AMQP bindings in the document.
pub(super) const BINDING: &str = "0.3.0";

/// The headers of every message: W3C Trace Context. Each process passes it on.
fn trace() -> Value {
    json!({
        "traceparent": {
            "description": "W3C Trace Context.", "type": "string", "maxLength": 128,
        },
        "tracestate": {
            "description": "W3C Trace Context.", "type": "string", "maxLength": 512,
        },
        "links": {
            "description": "The `traceparent`s of further callers whose missions are in the \
                message, with a comma between two. Spans about the message link to them.",
            "type": "string", "maxLength": 7_168,
        },
    })
}

/// The headers of a message of our own processes. There are no others.
pub(super) fn ours() -> Value {
    json!({ "type": "object", "properties": trace(), "additionalProperties": false })
}

/// The headers of a reply.
pub(super) fn of_reply() -> Value {
    let stamps = json!({
        "description": "Who has worked on it and when: `role instance asked received done attempt` \
            for each process, with `, ` between two. Times are Unix microseconds, each on the clock \
            of who wrote it; `asked` is `-` where it is unknown. A persister is done when it has \
            committed.",
        "type": "string", "maxLength": Stamps::LONGEST,
    });
    let mut headers = trace();
    if let Value::Object(members) = &mut headers {
        members.insert("stamps".to_owned(), stamps);
        members.extend(copy());
    }
    json!({ "type": "object", "properties": headers, "additionalProperties": false })
}

/// The headers of a question that a decider sends.
pub(super) fn of_question() -> Value {
    let mut headers = trace();
    if let Value::Object(members) = &mut headers {
        members.insert("tries".to_owned(), tries());
        members.insert("attempt".to_owned(), attempt());
    }
    json!({ "type": "object", "properties": headers, "additionalProperties": false })
}

/// The headers of a question whose reply may go to the caller as well.
pub(super) fn of_decisions() -> Value {
    let (mut question, reply) = (of_question(), of_reply());
    if let (Some(Value::Object(members)), Some(Value::Object(more))) =
        (question.get_mut("properties"), reply.get("properties"))
    {
        members.extend(more.clone());
    }
    question
}

/// Who gets a copy of a reply.
fn copy() -> Map<String, Value> {
    let address = "The reply queue of the caller, if it is a process of ours: the persister sends the \
        reply there and to the decider in one message.";
    let id = "The caller's `correlation_id`, if it has one. The property `correlation_id` is the decider's.";
    [("copy_to", address), ("copy_correlation_id", id)]
        .into_iter()
        .map(|(name, description)| (name.to_owned(), text(description)))
        .collect()
}

fn attempt() -> Value {
    json!({
        "description": "Which publication of the question this is. Absent if it is the first.",
        "type": "integer", "minimum": 2,
    })
}

fn tries() -> Value {
    json!({
        "description": "How often the question was returned, because a process that had it did not \
            reply. Absent if never.",
        "type": "integer", "minimum": 1,
    })
}

/// The headers of a request. Other headers of a caller are not read and not passed on.
pub(super) fn of_request() -> Value {
    json!({ "type": "object", "properties": with_deadline() })
}

fn with_deadline() -> Map<String, Value> {
    let deadline = json!({
        "description": "Until when a reply is of use, in Unix milliseconds. A request that is taken \
            later becomes a dead letter.",
        "type": ["integer", "string"],
        "pattern": "^[0-9]+$",
    });
    let replay = json!({
        "description": "Which replay of a dead letter published the request. Operators' tools set it.",
        "type": "string", "format": "uuid",
    });
    let Value::Object(mut members) = trace() else { return Map::new() };
    members.insert("deadline".to_owned(), deadline);
    members.insert("replay".to_owned(), replay);
    members
}

/// The headers of a dead letter: those of the request, and those that say why it was set aside.
pub(super) fn of_dead_letter() -> Value {
    let words = ProblemKind::ALL.map(ProblemKind::word).join("|");
    let label = json!({
        "reason": {
            "description": "The word of a problem, and its detail.",
            "type": "string", "pattern": format!("^({words}): "), "maxLength": 512,
        },
        "id": {
            "description": "The letter's own id. A letter that comes twice is one row.",
            "type": "string", "format": "uuid",
        },
        "role": { "description": "The role that set it aside.", "type": "string" },
        "tries": {
            "description": "How often it was delivered.", "type": "integer", "minimum": 1,
        },
        "first_at": {
            "description": "When it was first published, if that is known: an AMQP timestamp, \
                in Unix seconds.",
            "type": "integer", "minimum": 0,
        },
        "last_at": {
            "description": "When it was set aside: an AMQP timestamp, Unix seconds.",
            "type": "integer", "minimum": 0,
        },
        "x-death": { "description": "The header of RabbitMQ: where the message was set aside, and why.", "type": "array" },
    });
    let mut properties = with_deadline();
    // A wrong deadline is a reason to be set aside, so it may have any text.
    properties.insert("deadline".to_owned(), json!({ "type": ["integer", "string"] }));
    if let Value::Object(label) = label {
        properties.extend(label);
    }
    json!({
        "type": "object",
        "properties": properties,
        "anyOf": [
            {
                "description": "Set aside by a decider.",
                "required": ["id", "reason", "role", "tries", "first_at", "last_at"],
            },
            {
                "description": "Set aside by RabbitMQ: a message that no consumer could read, or \
                    that waited in the queue for longer than its `expiration`.",
                "required": ["x-death"],
            },
        ],
    })
}

/// The name of an AMQP property, and whether it is always there.
type Property = (&'static str, bool);

/// The properties that our own processes give every message.
const WRITTEN: [Property; 2] = [("content_type", true), ("delivery_mode", true)];

/// The JSON Schema of the AMQP properties of a message that our own processes write.
pub(super) fn written(kind: Option<MessageType>, persistent: bool, named: &[Property]) -> Value {
    let mut all = [&WRITTEN, named].concat();
    if kind.is_some() {
        all.push(("type", true));
    }
    let schema = |name: &str| match (name, kind) {
        ("type", Some(kind)) => json!({ "const": kind.as_str() }),
        ("delivery_mode", _) => json!({ "const": if persistent { 2 } else { 1 } }),
        ("content_type", _) => json!({ "const": "application/json" }),
        _ => property(name),
    };
    let mut schema = object(&all, schema);
    if let Value::Object(members) = &mut schema {
        members.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// The JSON Schema of the AMQP properties that are read of a message of any client.
pub(super) fn read(named: &[Property]) -> Value {
    object(named, property)
}

fn object(named: &[Property], schema: impl Fn(&str) -> Value) -> Value {
    let properties = named.iter().map(|(name, _)| ((*name).to_owned(), schema(name)));
    let properties: Map<_, _> = properties.collect();
    let required: Vec<_> =
        named.iter().filter(|(_, always)| *always).map(|(name, _)| name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// The JSON Schema of an AMQP property.
fn property(name: &str) -> Value {
    match name {
        "message_id" => text("A UUID: the id of the mission that `{}` requests."),
        "reply_to" => text("The return address: a queue, or `amq.rabbitmq.reply-to`."),
        "correlation_id" => text("The reply has the same value."),
        "app_id" => text("The instance of the process that wrote it."),
        "expiration" => json!({
            "description": "Milliseconds that the message may wait in the queue.",
            "type": "string", "pattern": "^[0-9]+$",
        }),
        "content_encoding" => {
            text("The coding of the body. Leave it out: a request with one is refused.")
        }
        "timestamp" => json!({
            "description": "When it was first published, in Unix seconds.",
            "type": "integer", "minimum": 0,
        }),
        "delivery_mode" => json!({
            "description": "1: transient. 2: persistent; it survives a restart of the broker.", "enum": [1, 2],
        }),
        _ => json!({ "type": "string" }),
    }
}

fn text(description: &str) -> Value {
    json!({ "description": description, "type": "string", "maxLength": 255 })
}
