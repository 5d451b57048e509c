//! Declares one exchange or queue of the topology table.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{ErrorKind, ExchangeKind};
use schemas::topology::{Argument, EXCHANGES, Exchange, Queue, Routing, queues};

use super::channels::Channel;
use crate::Fault;
use crate::message::CALL;

/// One thing of the table.
#[derive(Clone, Copy)]
pub(crate) enum Thing {
    Exchange(Exchange),
    Queue(Queue),
}

impl Thing {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exchange(exchange) => exchange.name,
            Self::Queue(queue) => queue.name,
        }
    }
}

pub(crate) fn table(is_cluster: bool) -> impl Iterator<Item = Thing> {
    let queues = queues(is_cluster).into_iter().map(Thing::Queue);
    EXCHANGES.into_iter().map(Thing::Exchange).chain(queues)
}

/// AMQP 0-9-1 reply codes.
pub(crate) const ACCESS_REFUSED: u16 = 403;
pub(super) const NOT_FOUND: u16 = 404;
pub(super) const PRECONDITION_FAILED: u16 = 406;

/// The result of a declaration. A refusal closes the channel.
pub(crate) enum Outcome {
    Done,
    Refused { code: u16, text: String },
}

pub(crate) async fn declare_one(
    channel: &Channel,
    thing: Thing,
    passive: bool,
) -> Result<Outcome, Fault> {
    match thing {
        Thing::Exchange(exchange) => {
            let options = ExchangeDeclareOptions { passive, durable: true, ..Default::default() };
            let kind = match exchange.routing {
                Routing::Fanout => ExchangeKind::Fanout,
                Routing::Direct => ExchangeKind::Direct,
                Routing::Topic => ExchangeKind::Topic,
            };
            let none = FieldTable::default();
            let name = exchange.name.into();
            outcome(channel, channel.exchange_declare(name, kind, options, none)).await
        }
        Thing::Queue(queue) => declare_queue(channel, &queue, queue.arguments(), passive).await,
    }
}

pub(super) async fn declare_queue(
    channel: &Channel,
    queue: &Queue,
    arguments: Vec<(&'static str, Argument)>,
    passive: bool,
) -> Result<Outcome, Fault> {
    let options = QueueDeclareOptions { passive, durable: true, ..Default::default() };
    let declaring = channel.queue_declare(queue.name.into(), options, table_of(arguments));
    outcome(channel, declaring).await
}

pub(super) async fn bind(channel: &Channel, queue: &Queue) -> Result<Outcome, Fault> {
    let (options, none) = (QueueBindOptions::default(), FieldTable::default());
    let (name, source) = (queue.name.into(), queue.source.name.into());
    outcome(channel, channel.queue_bind(name, source, "".into(), options, none)).await
}

fn table_of(arguments: Vec<(&'static str, Argument)>) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in arguments {
        let value = match value {
            Argument::Text(text) => AMQPValue::LongString(text.into()),
            Argument::Whole(n) => AMQPValue::LongLongInt(n),
        };
        table.insert(key.into(), value);
    }
    table
}

pub(crate) async fn outcome<T>(
    channel: &Channel,
    declaring: impl Future<Output = lapin::Result<T>>,
) -> Result<Outcome, Fault> {
    // A refusal is an outcome, not a fault.
    let declaring = async {
        match declaring.await {
            Ok(_) => Ok(Outcome::Done),
            Err(error) => refused(&error).ok_or(error),
        }
    };
    channel.within(CALL, "declare the topology", declaring).await
}

fn refused(error: &lapin::Error) -> Option<Outcome> {
    let ErrorKind::ProtocolError(refusal) = error.kind() else { return None };
    let text = refusal.get_message().as_str().to_owned();
    error.is_amqp_soft_error().then(|| Outcome::Refused { code: refusal.get_id(), text })
}
