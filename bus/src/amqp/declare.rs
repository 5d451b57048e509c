//! Makes RabbitMQ look like the topology table, or says where it does not.

use std::fmt;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ErrorKind, ExchangeKind};
use schemas::topology::{Argument, EXCHANGES, Exchange, QUEUES, Queue, Routing};

use crate::Fault;
use crate::amqp::{Link, limits};
use crate::fault::CALL;

/// A place where the broker is not as the topology table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The exchange or queue.
    pub name: &'static str,
    /// What the broker said.
    pub what: String,
    /// What follows from it.
    pub severity: Severity,
}

/// How a broker compares with the topology table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Where it differs: the first difference of each exchange and queue.
    pub differences: Vec<Difference>,
    /// What is there, but could not be compared: this user may not declare it.
    pub unseen: Vec<&'static str>,
}

/// What follows from a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The pipeline works; an operator may have set another limit on purpose.
    Tolerable,
    /// The pipeline cannot keep its promises.
    Fatal,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

impl Difference {
    /// Logs a tolerable difference; a fatal one is a fault.
    pub(crate) fn accept_or_fault(self) -> Result<(), Fault> {
        match self.severity {
            Severity::Tolerable => {
                tracing::warn!(difference = %self, "RabbitMQ differs from the topology table");
                Ok(())
            }
            Severity::Fatal => Err(Fault::Topology(self.to_string())),
        }
    }
}

/// One thing of the table.
#[derive(Clone, Copy)]
enum Thing {
    Exchange(Exchange),
    Queue(Queue),
}

impl Thing {
    fn name(self) -> &'static str {
        match self {
            Self::Exchange(exchange) => exchange.name,
            Self::Queue(queue) => queue.name,
        }
    }
}

fn table() -> impl Iterator<Item = Thing> {
    EXCHANGES.into_iter().map(Thing::Exchange).chain(QUEUES.into_iter().map(Thing::Queue))
}

/// AMQP 0-9-1 reply codes.
pub(super) const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;

/// What a declaration came to. A refusal closes its channel, so each starts on an open one.
pub(super) enum Outcome {
    Done,
    Refused { code: u16, text: String },
}

pub(crate) async fn declare(link: &Link) -> Result<Vec<Difference>, Fault> {
    let mut channel = link.channel().await?;
    let mut differences = Vec::new();
    for thing in table() {
        let outcome = match (declare_one(&channel, thing, false).await?, thing) {
            (Outcome::Done, Thing::Queue(queue)) => bind(&channel, &queue).await?,
            (outcome, _) => outcome,
        };
        let Outcome::Refused { code, text } = outcome else { continue };
        channel = link.channel().await?;
        if code == ACCESS_REFUSED {
            // Whoever may not declare checks that it is there.
            if let Outcome::Refused { code, text } = declare_one(&channel, thing, true).await? {
                channel = link.channel().await?;
                differences.push(difference(link, thing, code, text).await?);
            }
        } else {
            let difference = difference(link, thing, code, text).await?;
            if let (Thing::Queue(queue), Severity::Tolerable) = (thing, difference.severity)
                && let Outcome::Refused { text, .. } = bind(&channel, &queue).await?
            {
                return Err(Fault::Topology(format!("{}: {text}", queue.name)));
            }
            differences.push(difference);
        }
    }
    Ok(differences)
}

pub(crate) async fn compare(link: &Link) -> Result<Comparison, Fault> {
    let mut channel = link.channel().await?;
    let mut comparison = Comparison::default();
    for thing in table() {
        let mut outcome = declare_one(&channel, thing, true).await?;
        if matches!(outcome, Outcome::Done) {
            // It is there, so declaring it changes nothing and compares every argument.
            outcome = declare_one(&channel, thing, false).await?;
        }
        if let Outcome::Refused { code, text } = outcome {
            channel = link.channel().await?;
            if code == ACCESS_REFUSED {
                comparison.unseen.push(thing.name());
            } else {
                comparison.differences.push(difference(link, thing, code, text).await?);
            }
        }
    }
    Ok(comparison)
}

async fn difference(
    link: &Link,
    thing: Thing,
    code: u16,
    what: String,
) -> Result<Difference, Fault> {
    let (name, limit) = match thing {
        Thing::Exchange(exchange) => (exchange.name, false),
        Thing::Queue(queue) => (
            queue.name,
            code == PRECONDITION_FAILED
                && limits::are_all_that_differs(link, &queue, &what).await?,
        ),
    };
    let what = if code == NOT_FOUND { "it is missing".to_owned() } else { what };
    let severity = if limit { Severity::Tolerable } else { Severity::Fatal };
    Ok(Difference { name, what, severity })
}

async fn declare_one(channel: &Channel, thing: Thing, passive: bool) -> Result<Outcome, Fault> {
    match thing {
        Thing::Exchange(exchange) => {
            let options = ExchangeDeclareOptions { passive, durable: true, ..Default::default() };
            let kind = match exchange.routing {
                Routing::Fanout => ExchangeKind::Fanout,
                Routing::Direct => ExchangeKind::Direct,
                Routing::Topic => ExchangeKind::Topic,
            };
            let none = FieldTable::default();
            outcome(channel.exchange_declare(exchange.name.into(), kind, options, none)).await
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
    outcome(channel.queue_declare(queue.name.into(), options, table_of(arguments))).await
}

async fn bind(channel: &Channel, queue: &Queue) -> Result<Outcome, Fault> {
    let (options, none) = (QueueBindOptions::default(), FieldTable::default());
    let (name, source) = (queue.name.into(), queue.source.name.into());
    outcome(channel.queue_bind(name, source, "".into(), options, none)).await
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

pub(super) async fn outcome<T>(
    declaring: impl Future<Output = lapin::Result<T>>,
) -> Result<Outcome, Fault> {
    const STEP: &str = "declare the topology";
    match tokio::time::timeout(CALL, declaring).await {
        Ok(Ok(_)) => Ok(Outcome::Done),
        Ok(Err(error)) => match error.kind() {
            ErrorKind::ProtocolError(refusal) if error.is_amqp_soft_error() => {
                Ok(Outcome::Refused {
                    code: refusal.get_id(),
                    text: refusal.get_message().as_str().to_owned(),
                })
            }
            _ => Err(Fault::Broker { step: STEP, reason: error.to_string() }),
        },
        Err(_) => Err(Fault::Timeout { step: STEP, deadline: CALL }),
    }
}
