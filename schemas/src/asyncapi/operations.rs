//! What spymission does: it receives requests, and sends replies and events. A client does the
//! opposite.

use serde_json::{Map, Value, json};

use super::audience::Audience::{self, Internal, Public};
use super::channels::{key, replies_to_us};
use super::properties::BINDING;
use crate::Part;

/// An operation of the document.
struct Operation<'a> {
    name: &'a str,
    sends: bool,
    audience: Audience,
    description: &'a str,
    channel: &'a str,
    messages: &'a [&'a str],
    /// The channel and the messages of the reply.
    reply: Option<(&'a str, &'a [&'a str])>,
    /// Whether its messages are persistent, mandatory and confirmed.
    durable: bool,
}

/// Every operation.
pub(super) fn all() -> Value {
    let written = |operation: &Operation<'_>| (operation.name.to_owned(), operation.write());
    let mut all: Map<_, _> = TABLE.iter().map(written).collect();
    all.extend(Part::ALL.map(draw));
    all.extend([request_parts(), reply_to_us()]);
    all.into()
}

/// The operation of the workers that draw this part: `drawNumbers`.
fn draw(part: Part) -> (String, Value) {
    let (first, rest) = part.word().split_at(1);
    let operation = Operation {
        name: &format!("draw{}{rest}", first.to_uppercase()),
        description: &format!("A {} worker draws {} for each mission.", part.name(), part.what()),
        sends: false,
        audience: Internal,
        durable: false,
        channel: &key::part_queue(part),
        messages: &["partsQuestion"],
        reply: Some((key::REPLIES, &[part.word()])),
    };
    (operation.name.to_owned(), operation.write())
}

fn request_parts() -> (String, Value) {
    let operation = Operation {
        name: "requestParts",
        description: "A decider requests all parts of missions.",
        sends: true,
        audience: Internal,
        durable: false,
        channel: key::PARTS,
        messages: &["partsQuestion"],
        reply: Some((key::REPLIES, &Part::ALL.map(Part::word))),
    };
    (operation.name.to_owned(), operation.write())
}

fn reply_to_us() -> (String, Value) {
    let replies = replies_to_us();
    let operation = Operation {
        name: "replyToOurOwn",
        description: "One of our processes replies to another. Gateways get their replies here, too.",
        sends: true,
        audience: Internal,
        durable: false,
        channel: key::REPLIES,
        messages: &replies.iter().map(String::as_str).collect::<Vec<_>>(),
        reply: None,
    };
    (operation.name.to_owned(), operation.write())
}

#[rustfmt::skip] // it is a table
const TABLE: &[Operation<'_>] = &[
    Operation { name: "receiveRequest", sends: false, audience: Public, durable: true, channel: key::REQUESTS,
        description: "Receives a request for missions. When they are committed, the reply is sent to the queue in `reply_to`.",
        messages: &["request"], reply: Some((key::CALLER, &["missions", "problem"])) },
    Operation { name: "sendReply", sends: true, audience: Public, durable: false, channel: key::CALLER,
        description: "Sends a reply to the queue of a caller.",
        messages: &["missions", "problem"], reply: None },
    Operation { name: "sendEvent", sends: true, audience: Public, durable: false, channel: key::EVENTS,
        description: "Announces a stored mission.",
        messages: &["created"], reply: None },
    Operation { name: "sendStatus", sends: true, audience: Internal, durable: false, channel: key::STATUSES,
        description: "Every process publishes its status every 2 s.",
        messages: &["status"], reply: None },
    Operation { name: "keepDeadLetter", sends: false, audience: Internal, durable: true, channel: key::DEAD_LETTER_QUEUE,
        description: "A persister moves what was set aside into the table of dead letters.",
        messages: &["deadLetter"], reply: None },
    Operation { name: "setAside", sends: true, audience: Internal, durable: true, channel: key::DEAD_LETTERS,
        description: "A decider sets aside a request that is wrong, or that failed too often.",
        messages: &["deadLetter"], reply: None },
    Operation { name: "takeRequest", sends: false, audience: Internal, durable: true, channel: key::REQUEST_QUEUE,
        description: "A decider takes a request, and acknowledges it when its missions are stored.",
        messages: &["request"], reply: Some((key::REPLIES, &["missions", "problem"])) },
    Operation { name: "requestStorage", sends: true, audience: Internal, durable: false, channel: key::DECISIONS,
        description: "A decider has missions stored.",
        messages: &["decisions"], reply: Some((key::REPLIES, &["stored", "returned", "problem"])) },
    Operation { name: "store", sends: false, audience: Internal, durable: false, channel: key::DECISION_QUEUE,
        description: "A persister stores missions, and replies with the stored rows.",
        messages: &["decisions"], reply: Some((key::REPLIES, &["stored", "returned", "problem"])) },
];

impl Operation<'_> {
    fn write(&self) -> Value {
        let of_channel = |channel: &str, names: &[&str]| -> Vec<Value> {
            let message = |name| format!("#/channels/{channel}/messages/{name}");
            names.iter().map(|name| json!({ "$ref": message(name) })).collect()
        };
        let mut operation = json!({
            "action": if self.sends { "send" } else { "receive" },
            "channel": { "$ref": format!("#/channels/{}", self.channel) },
            "description": self.description,
            "tags": self.audience.tags(),
            "messages": of_channel(self.channel, self.messages),
            "bindings": { "amqp": self.binding() },
        });
        if let (Value::Object(members), Some((channel, messages))) = (&mut operation, self.reply) {
            let mut reply = json!({
                "channel": { "$ref": format!("#/channels/{channel}") },
                "messages": of_channel(channel, messages),
            });
            if let Value::Object(reply) = &mut reply {
                reply.insert("address".to_owned(), return_address());
            }
            members.insert("reply".to_owned(), reply);
        }
        operation
    }

    fn binding(&self) -> Value {
        let mut binding = json!({
            "deliveryMode": if self.durable { 2 } else { 1 },
            "mandatory": self.durable,
            "bindingVersion": BINDING,
        });
        if let (Value::Object(members), false) = (&mut binding, self.sends) {
            members.insert("ack".to_owned(), true.into());
        }
        binding
    }
}

/// Where a reply goes.
fn return_address() -> Value {
    json!({
        "description": "The AMQP property `reply_to` of the question. (AsyncAPI can name headers \
            only; the property is meant.)",
        "location": "$message.header#/reply_to",
    })
}
