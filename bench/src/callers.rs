//! Callers over AMQP: clients that are no processes of ours, as `schemas/examples/ask.rs`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use load::{Failure as Failed, Report};
use schemas::topology::REQUESTS;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use super::failure::Failure;

/// How many callers share a connection: with one each, their threads would be measured.
const SHARE: usize = 10;
/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The pseudo-queue of direct reply-to.
const DIRECT: &str = "amq.rabbitmq.reply-to";

/// Where callers want their replies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Address {
    /// Each in a queue of its own.
    OwnQueue,
    /// Each by direct reply-to.
    Direct,
}

/// When the load began, is measured, and ends.
#[derive(Clone, Copy)]
struct Window {
    start: Instant,
    begin: Instant,
    end: Instant,
}

/// A closed loop: each caller publishes a request for one mission, waits for its confirm and its reply,
/// and begins again. A mission counts as a reply with status 201.
///
/// # Errors
/// A caller does not connect.
pub(crate) async fn load(
    url: &str,
    callers: usize,
    address: Address,
    (warm_up, time): (Duration, Duration),
) -> Result<Report, Failure> {
    let (mut connections, mut ready) = (Vec::new(), Vec::new());
    for number in 0..callers {
        if number.is_multiple_of(SHARE) {
            connections.push(Connection::connect(url, ConnectionProperties::default()).await?);
        }
        if let Some(connection) = connections.last() {
            ready.push(Caller::open(connection, address).await?);
        }
    }
    let report = Arc::new(Mutex::new(Report::default()));
    let start = Instant::now();
    let window = Window { start, begin: start + warm_up, end: start + warm_up + time };
    let mut running = JoinSet::new();
    for caller in ready {
        running.spawn(caller.call(window, Arc::clone(&report)));
    }
    while running.join_next().await.is_some() {}
    let mut report = std::mem::take(&mut *lock(&report));
    report.ids.sort_unstable();
    report.window = time;
    Ok(report)
}

/// One caller: a channel, and where its replies arrive.
struct Caller {
    channel: Channel,
    replies: Consumer,
    address: String,
}

impl Caller {
    async fn open(connection: &Connection, address: Address) -> Result<Self, Failure> {
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let exclusive =
            QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        let none = FieldTable::default();
        let address = match address {
            Address::Direct => DIRECT.to_owned(),
            Address::OwnQueue => {
                channel.queue_declare("".into(), exclusive, none.clone()).await?.name().to_string()
            }
        };
        let no_ack = BasicConsumeOptions { no_ack: true, ..Default::default() };
        let queue = address.as_str().into();
        let replies = channel.basic_consume(queue, "".into(), no_ack, none).await?;
        Ok(Self { channel, replies, address })
    }

    /// Requests missions until the end, or until a reply is missing.
    async fn call(mut self, window: Window, report: Arc<Mutex<Report>>) {
        while Instant::now() < window.end {
            let (id, began) = (Uuid::new_v4(), Instant::now());
            let asked = timeout(PATIENCE, self.ask(id)).await;
            let ended = Instant::now();
            let mut report = lock(&report);
            let wrong = match asked {
                Ok(Ok(())) => {
                    *report.statuses.entry(201).or_default() += 1;
                    report.ids.push(id.as_u128());
                    if began >= window.begin && ended <= window.end {
                        report.latencies.record(ended - began);
                        report.in_time += 1;
                    }
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no reply within {PATIENCE:?}"),
            };
            report.errors += 1;
            let after = window.start.elapsed();
            report.first_failure.get_or_insert(Failed { after, what: wrong });
            return;
        }
    }

    /// One request and its reply.
    async fn ask(&mut self, id: Uuid) -> Result<(), Wrong> {
        let id = id.to_string();
        let about = BasicProperties::default()
            .with_message_id(id.as_str().into())
            .with_correlation_id(id.as_str().into())
            .with_reply_to(self.address.as_str().into())
            .with_delivery_mode(2);
        let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
        let exchange = REQUESTS.name.into();
        let publishing = self.channel.basic_publish(exchange, "".into(), mandatory, b"{}", about);
        match publishing.await?.await? {
            Confirmation::Ack(None) => {}
            other => return Err(format!("the request was not confirmed: {other:?}").into()),
        }
        while let Some(reply) = self.replies.next().await {
            let reply = reply?;
            if is_about(&reply, &id) {
                return is_mission(&reply, &id);
            }
        }
        Err("the consumer has ended".into())
    }
}

/// What went wrong with one request; it crosses threads.
type Wrong = Box<dyn std::error::Error + Send + Sync>;

fn is_about(reply: &Delivery, id: &str) -> bool {
    reply.properties.correlation_id().as_ref().is_some_and(|about| about.as_str() == id)
}

/// Fails unless the reply is the mission with this id.
fn is_mission(reply: &Delivery, id: &str) -> Result<(), Wrong> {
    let kind = reply.properties.kind().as_ref().map(|kind| kind.as_str());
    let text = String::from_utf8_lossy(&reply.data);
    if kind == Some("missions") && text.contains(id) {
        return Ok(());
    }
    Err(format!("not the mission {id}: {kind:?} {text}").into())
}

fn lock(report: &Mutex<Report>) -> MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}
