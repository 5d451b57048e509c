//! The exchanges and queues of the topology as channels.

use serde_json::{Map, Value, json};

use super::audience::Audience::{self, Internal, Public};
use super::properties::BINDING;
use crate::topology::{
    Argument, DEAD_LETTER_QUEUE, DEAD_LETTERS, DECISION_QUEUE, DECISIONS, EVENTS, Exchange, PARTS,
    Queue, REPLIES, REQUEST_QUEUE, REQUESTS, Routing, event_queue, part_queue, reply_queue,
};
use crate::{Part, Role};

/// The name of a channel in the document.
pub(super) mod key {
    pub(in super::super) const REQUESTS: &str = "requests";
    pub(in super::super) const CALLER: &str = "callerReplies";
    pub(in super::super) const EVENTS: &str = "events";
    pub(in super::super) const STATUSES: &str = "statuses";
    pub(in super::super) const DEAD_LETTERS: &str = "deadLetters";
    pub(in super::super) const DEAD_LETTER_QUEUE: &str = "deadLetterQueue";
    pub(in super::super) const REQUEST_QUEUE: &str = "requestQueue";
    pub(in super::super) const PARTS: &str = "parts";

    /// The channel of the queue of this part's workers: `numberQueue`.
    pub(in super::super) fn part_queue(part: crate::Part) -> String {
        format!("{}Queue", part.name())
    }

    pub(in super::super) const DECISIONS: &str = "decisions";
    pub(in super::super) const DECISION_QUEUE: &str = "decisionQueue";
    pub(in super::super) const REPLIES: &str = "replies";
}

const REPLY: [&str; 2] = ["missions", "problem"];

/// Every channel.
pub(super) fn all() -> Value {
    let exchanges = [
        (key::REQUESTS, fanout(REQUESTS, Public, "Any client may publish here.", &["request"])),
        (key::EVENTS, events()),
        (key::STATUSES, statuses()),
        (
            key::DEAD_LETTERS,
            fanout(DEAD_LETTERS, Internal, "Messages that were set aside.", &["deadLetter"]),
        ),
        (
            key::PARTS,
            fanout(
                PARTS,
                Internal,
                "One worker of each kind takes each message.",
                &["partsQuestion"],
            ),
        ),
        (
            key::DECISIONS,
            fanout(DECISIONS, Internal, "A persister takes each message.", &["decisions"]),
        ),
        (key::REPLIES, replies()),
        (key::CALLER, caller()),
    ];
    let queues = [
        (key::REQUEST_QUEUE, queue(REQUEST_QUEUE, Internal, "Read by deciders.", "request")),
        (key::DECISION_QUEUE, queue(DECISION_QUEUE, Internal, "Read by persisters.", "decisions")),
        (
            key::DEAD_LETTER_QUEUE,
            queue(DEAD_LETTER_QUEUE, Internal, "Read by persisters.", "deadLetter"),
        ),
    ];
    let of_part = |part: Part| {
        let description = format!("Read by {} workers.", part.name());
        (key::part_queue(part), queue(part_queue(part), Internal, &description, "partsQuestion"))
    };
    let named = |(key, channel): (&str, Value)| (key.to_owned(), channel);
    let others = exchanges.into_iter().chain(queues).map(named);
    others.chain(Part::ALL.map(of_part)).collect::<Map<_, _>>().into()
}

/// A channel without its bindings.
fn channel(address: Value, audience: Audience, description: &str, messages: &[&str]) -> Value {
    let message = |name: &&str| {
        let reference = format!("#/components/messages/{name}");
        ((*name).to_owned(), json!({ "$ref": reference }))
    };
    json!({
        "address": address,
        "description": description,
        "tags": audience.tags(),
        "servers": [{ "$ref": "#/servers/rabbitmq" }],
        "messages": messages.iter().map(message).collect::<Map<_, _>>(),
    })
}

fn with(mut channel: Value, member: &str, value: Value) -> Value {
    if let Value::Object(members) = &mut channel {
        members.insert(member.to_owned(), value);
    }
    channel
}

fn bound_to(channel: Value, exchange: Exchange) -> Value {
    let routing = match exchange.routing {
        Routing::Fanout => "fanout",
        Routing::Direct => "direct",
        Routing::Topic => "topic",
    };
    let binding = json!({
        "is": "routingKey",
        "exchange":
            { "name": exchange.name, "type": routing, "durable": true, "autoDelete": false },
        "bindingVersion": BINDING,
    });
    with(channel, "bindings", json!({ "amqp": binding }))
}

fn fanout(exchange: Exchange, audience: Audience, says: &str, messages: &[&str]) -> Value {
    let description = format!("{says} Every bound queue gets a copy, whatever the routing key is.");
    bound_to(channel(exchange.name.into(), audience, &description, messages), exchange)
}

fn queue(queue: Queue, audience: Audience, says: &str, message: &str) -> Value {
    let value = |(name, argument)| match argument {
        Argument::Text(text) => (String::from(name), Value::from(text)),
        Argument::Whole(number) => (String::from(name), number.into()),
    };
    let arguments: Map<_, _> = queue.arguments().into_iter().map(value).collect();
    let binding = json!({
        "is": "queue",
        "queue": { "name": queue.name, "durable": true, "exclusive": false, "autoDelete": false },
        "bindingVersion": BINDING,
    });
    let description = format!("{says} It is bound to the exchange `{}`.", queue.source.name);
    let channel = channel(queue.name.into(), audience, &description, &[message]);
    with(with(channel, "bindings", json!({ "amqp": binding })), "x-arguments", arguments.into())
}

/// The messages that reach the reply queue of one of our processes.
pub(super) fn replies_to_us() -> Vec<String> {
    let parts = Part::ALL.map(|part| part.word().to_owned());
    parts
        .into_iter()
        .chain(["stored", "returned", "missions", "problem"].map(str::to_owned))
        .collect()
}

fn events() -> Value {
    let description = format!(
        "Bind a queue of your own with `{}` for all casebooks, or with the routing key of one.",
        event_queue::ALL
    );
    let address = event_queue::key("{casebook}").into();
    let channel = channel(address, Public, &description, &["created"]);
    let casebook = json!({ "casebook": {
        "description": "The name of the casebook that made the mission.", "examples": ["malory"],
    } });
    bound_to(with(channel, "parameters", casebook), EVENTS)
}

fn statuses() -> Value {
    let description =
        format!("Bind a queue of your own with `{}` for all roles.", event_queue::STATUS);
    let address = event_queue::status_key("{role}");
    let channel = channel(address.into(), Internal, &description, &["status"]);
    let role = json!({ "role": {
        "description": "The role of the process.", "enum": Role::ALL.map(Role::name),
    } });
    bound_to(with(channel, "parameters", role), EVENTS)
}

fn replies() -> Value {
    let description =
        "Replies to our own processes. Each has an exclusive queue, bound with its name.";
    let address = format!("{}{{role}}.{{instance}}", reply_queue::PREFIX);
    let replies = replies_to_us();
    let replies: Vec<_> = replies.iter().map(String::as_str).collect();
    let channel = channel(address.into(), Internal, description, &replies);
    let parameters = json!({
        "role": { "description": "The role of the requester.", "examples": ["decider", "gateway"] },
        "instance": { "description": "A random UUID, new with every session." },
    });
    bound_to(with(channel, "parameters", parameters), REPLIES)
}

fn caller() -> Value {
    let description = "The queue that the request names in `reply_to`: the caller's own queue, or \
        `amq.rabbitmq.reply-to`. Replies go through the default exchange.";
    let binding = json!({
        "is": "routingKey",
        "exchange": { "name": "", "type": "default", "durable": true, "autoDelete": false },
        "bindingVersion": BINDING,
    });
    let mut channel = channel(Value::Null, Public, description, &REPLY);
    if let Value::Object(members) = &mut channel {
        members.remove("address"); // each request names its own
    }
    with(channel, "bindings", json!({ "amqp": binding }))
}
