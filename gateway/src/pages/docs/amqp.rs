//! The AMQP interface, from its AsyncAPI document.

use super::example::Example;
use super::node::{Node, name, pretty};
use super::prose::Prose;
use super::schema::{Field, Kind, fields, kind, shown};

pub(super) struct Interface {
    /// Sorted by whom they concern: callers first.
    pub(super) groups: Vec<Group>,
}

/// The channels of one tag.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) about: Prose,
    pub(super) channels: Vec<Channel>,
    /// The messages of these channels that no group before has.
    pub(super) messages: Vec<Message>,
}

pub(super) struct Channel {
    pub(super) key: String,
    /// The exchange, queue or routing key.
    pub(super) address: String,
    /// What it is on the broker: `fanout exchange mission.requests`.
    pub(super) is: String,
    pub(super) about: Prose,
    /// Parameters of the address, and arguments of the queue.
    pub(super) details: Vec<(String, String)>,
    pub(super) messages: Vec<String>,
    pub(super) operations: Vec<Operation>,
}

pub(super) struct Operation {
    /// What spymission does: `receive` or `send`.
    pub(super) action: String,
    pub(super) about: Prose,
    /// How the message travels: persistent, mandatory.
    pub(super) delivery: String,
    pub(super) messages: Vec<String>,
    /// The messages that answer it.
    pub(super) reply: Vec<String>,
}

pub(super) struct Message {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) about: Prose,
    /// The property `type`.
    pub(super) kind: String,
    pub(super) payload: Kind,
    pub(super) properties: Vec<Field>,
    pub(super) headers: Vec<Field>,
    pub(super) examples: Vec<Example>,
}

impl Interface {
    pub(super) fn of(document: Node<'_>) -> Self {
        let channels: Vec<_> = document.get("channels").members().collect();
        let tagged = |tag: &str| {
            let of_tag = channels.iter().filter(|(_, channel)| tag == tag_of(*channel));
            let of_tag = of_tag.map(|(key, channel)| Channel::of(key, *channel, document));
            let mut of_tag: Vec<_> = of_tag.collect();
            // Channels with a reply come first: they request missions.
            of_tag
                .sort_by_key(|channel| channel.operations.iter().all(|asks| asks.reply.is_empty()));
            of_tag
        };
        let group = |tag: Node<'_>| Group {
            name: tag.text_of("name").to_owned(),
            about: Prose::of(tag.text_of("description")),
            channels: tagged(tag.text_of("name")),
            messages: Vec::new(),
        };
        let mut groups: Vec<_> = document.get("info").get("tags").items().map(group).collect();
        groups.sort_by_key(|group| group.name != "public");
        let untagged = tagged("");
        if !untagged.is_empty() {
            let (name, about) = ("more".to_owned(), Prose::of(""));
            groups.push(Group { name, about, channels: untagged, messages: Vec::new() });
        }
        let messages = document.get("components").get("messages").members();
        let mut messages: Vec<_> =
            messages.map(|(name, message)| Message::of(name, message)).collect();
        let last = groups.len().saturating_sub(1);
        for (place, group) in groups.iter_mut().enumerate() {
            let here = |message: &mut Message| place == last || group.carries(&message.name);
            group.messages = messages.extract_if(.., here).collect();
        }
        Self { groups }
    }
}

impl Group {
    fn carries(&self, message: &String) -> bool {
        self.channels.iter().any(|channel| channel.messages.contains(message))
    }

    /// Its anchor.
    pub(super) fn id(&self) -> &str {
        &self.name
    }

    /// Its heading.
    pub(super) fn title(&self) -> &'static str {
        match self.name.as_str() {
            "public" => "For callers",
            "internal" => "Between our processes",
            _ => "More",
        }
    }
}

fn tag_of(node: Node<'_>) -> &str {
    node.get("tags").items().next().map_or("", |tag| tag.text_of("name"))
}

impl Channel {
    fn of(key: &str, channel: Node<'_>, document: Node<'_>) -> Self {
        let parameters = channel.get("parameters").members();
        let parameters = parameters
            .map(|(name, about)| (format!("{{{name}}}"), about.text_of("description").to_owned()));
        let arguments = channel.get("x-arguments").members();
        let arguments = arguments.map(|(name, value)| (name.to_owned(), shown(value.value())));
        let operations = document.get("operations").members();
        let here = operations
            .filter(|(_, operation)| operation.value().get("channel").and_then(name) == Some(key));
        Self {
            key: key.to_owned(),
            address: match channel.text_of("address") {
                "" => "reply_to".to_owned(),
                address => address.to_owned(),
            },
            is: is(channel.get("bindings").get("amqp")),
            about: Prose::of(channel.text_of("description")),
            details: parameters.chain(arguments).collect(),
            messages: channel.get("messages").members().map(|(name, _)| name.to_owned()).collect(),
            operations: here.map(|(_, operation)| Operation::of(operation)).collect(),
        }
    }
}

/// What a channel is on the broker.
fn is(binding: Node<'_>) -> String {
    let (queue, exchange) = (binding.get("queue"), binding.get("exchange"));
    match (queue.text_of("name"), exchange.text_of("type"), exchange.text_of("name")) {
        ("", "", _) => String::new(),
        ("", kind, "") => format!("the {kind} exchange"),
        ("", kind, name) => format!("{kind} exchange {name}"),
        (name, ..) => format!("queue {name}"),
    }
}

impl Operation {
    fn of(operation: Node<'_>) -> Self {
        let binding = operation.get("bindings").get("amqp");
        let travels = match binding.get("deliveryMode").value().as_u64() {
            Some(2) => "persistent",
            _ => "transient",
        };
        let mandatory = binding.get("mandatory").value().as_bool() == Some(true);
        Self {
            action: operation.text_of("action").to_owned(),
            about: Prose::of(operation.text_of("description")),
            delivery: format!("{travels}{}", if mandatory { ", mandatory" } else { "" }),
            messages: operation.get("messages").names(),
            reply: operation.get("reply").get("messages").names(),
        }
    }
}

impl Message {
    fn of(name: &str, message: Node<'_>) -> Self {
        let payload = message.value().get("payload").unwrap_or(&serde_json::Value::Null);
        Self {
            name: name.to_owned(),
            title: message.text_of("title").to_owned(),
            about: Prose::of(message.text_of("summary")),
            kind: message.get("bindings").get("amqp").text_of("messageType").to_owned(),
            payload: kind(payload),
            properties: fields(message.get("x-amqp-properties")),
            headers: fields(message.get("headers")),
            examples: message.get("examples").items().map(example).collect(),
        }
    }
}

/// The body, and under it the headers if it has any.
fn example(example: Node<'_>) -> Example {
    let headers = example.get("headers").value();
    let told = headers.as_object().is_some_and(|headers| !headers.is_empty());
    let headers = if told { format!("\n\nheaders {}", pretty(headers)) } else { String::new() };
    let text = pretty(example.get("payload").value()) + &headers;
    Example { about: example.text_of("summary").to_owned(), text }
}
