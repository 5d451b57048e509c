//! What spymission does, told from its own side: it receives requests, and sends replies and
//! events. A client does the opposite.

use serde_json::{Map, Value, json};

use super::Audience::{self, Internal, Public};
use super::BINDING;
use super::channels::key;

/// An operation, before it is written down.
struct Operation {
    name: &'static str,
    sends: bool,
    audience: Audience,
    description: &'static str,
    channel: &'static str,
    messages: &'static [&'static str],
    /// The channel of the reply, and what it may be.
    reply: Option<(&'static str, &'static [&'static str])>,
    /// Persistent, mandatory and confirmed.
    durable: bool,
}

/// Every operation.
pub(super) fn all() -> Value {
    let written = |operation: &Operation| (operation.name.to_owned(), operation.write());
    TABLE.iter().map(written).collect::<Map<_, _>>().into()
}

#[rustfmt::skip] // it is a table
const TABLE: &[Operation] = &[
    Operation { name: "receiveRequest", sends: false, audience: Public, durable: true, channel: key::REQUESTS,
        description: "Takes a request for missions; the reply is sent when they are committed, to whatever `reply_to` names.",
        messages: &["request"], reply: Some((key::CALLER, &["missions", "problem"])) },
    Operation { name: "sendReply", sends: true, audience: Public, durable: true, channel: key::CALLER,
        description: "Answers a caller, on its own queue.",
        messages: &["missions", "problem"], reply: None },
    Operation { name: "sendEvent", sends: true, audience: Public, durable: false, channel: key::EVENTS,
        description: "Tells whoever listens that a mission stands.",
        messages: &["created"], reply: None },
    Operation { name: "keepDeadLetter", sends: true, audience: Public, durable: true, channel: key::DEAD_LETTER_QUEUE,
        description: "Keeps what was set aside for an operator.",
        messages: &["deadLetter"], reply: None },
    Operation { name: "setAside", sends: true, audience: Internal, durable: true, channel: key::DEAD_LETTERS,
        description: "A decider sets aside what cannot be right, or never comes to its end.",
        messages: &["deadLetter"], reply: None },
    Operation { name: "takeRequest", sends: false, audience: Internal, durable: true, channel: key::REQUEST_QUEUE,
        description: "A decider takes a request, and acknowledges it when its missions stand.",
        messages: &["request"], reply: Some((key::REPLIES, &["missions", "problem"])) },
    Operation { name: "askForParts", sends: true, audience: Internal, durable: false, channel: key::PARTS,
        description: "A decider asks for both parts of missions.",
        messages: &["partsQuestion"], reply: Some((key::REPLIES, &["numbers", "letters"])) },
    Operation { name: "drawNumbers", sends: false, audience: Internal, durable: false, channel: key::NUMBER_QUEUE,
        description: "A number worker draws.",
        messages: &["partsQuestion"], reply: Some((key::REPLIES, &["numbers"])) },
    Operation { name: "drawLetters", sends: false, audience: Internal, durable: false, channel: key::LETTER_QUEUE,
        description: "A letter worker draws.",
        messages: &["partsQuestion"], reply: Some((key::REPLIES, &["letters"])) },
    Operation { name: "askToStore", sends: true, audience: Internal, durable: false, channel: key::DECISIONS,
        description: "A decider asks to have missions stored.",
        messages: &["decisions"], reply: Some((key::REPLIES, &["stored", "problem"])) },
    Operation { name: "store", sends: false, audience: Internal, durable: false, channel: key::DECISION_QUEUE,
        description: "A persister stores them, and answers with what stands.",
        messages: &["decisions"], reply: Some((key::REPLIES, &["stored", "problem"])) },
    Operation { name: "answerOurOwn", sends: true, audience: Internal, durable: false, channel: key::REPLIES,
        description: "An agent answers another; the gateway is answered here, too.",
        messages: &["numbers", "letters", "stored", "missions", "problem"], reply: None },
];

impl Operation {
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
            only: read it as the property.)",
        "location": "$message.header#/reply_to",
    })
}
