//! One connection to RabbitMQ, and what is made on it.

use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt};
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, Event};
use schemas::topology::Queue;
use telemetry::Held;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::binding::{Binding, KeptBound};
use super::channels::{Channel, Channels};
use super::consumer::Consumer;
use super::declaration::Outcome;
use super::depth::Looker;
use super::publisher::{ConfirmedPublisher, Publisher};
use super::settling::Settling;
use super::socket::{self, Socket};
use crate::message::{CALL, within};
use crate::nodes::Node;
use crate::own_queue::OwnQueue;
use crate::{Depth, Fault};

/// What a connection carries: it decides how large its frames are. lapin keeps two buffers of 32
/// frames for each connection: at the server's own 128 KiB these are most of a worker's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carries {
    /// Requests, which anybody may have written. Their headers come in one frame, which may be as
    /// large as the server allows.
    Requests,
    /// Our own messages.
    Work,
    /// The status of a process, every two seconds.
    Status,
}

impl Carries {
    /// The largest frame in bytes; `None` for the server's own limit.
    fn frame(self) -> Option<u32> {
        match self {
            Self::Requests => None,
            Self::Work => Some(16 * 1024),
            Self::Status => Some(8 * 1024), // RabbitMQ 4.1 and newer want at least that
        }
    }
}

/// One connection. lapin's own recovery stays off: a fault ends the session, see `supervise`.
pub(crate) struct Link {
    connection: Arc<Connection>,
    channels: Channels,
    looker: Looker,
    settling: Settling,
    /// The channels that publish: when the broker closes one of them, the session is over.
    publishing: std::sync::Mutex<Vec<Weak<Channel>>>,
    socket: Arc<Socket>,
    events: Mutex<Events>,
}

struct Events {
    /// While the broker blocks the connection.
    blocked: Option<Held>,
    stream: std::pin::Pin<Box<dyn Stream<Item = Event> + Send>>,
    /// lapin reports the loss once. It is kept for later calls.
    lost: Option<Fault>,
}

impl Link {
    pub(crate) async fn connect(node: Node, name: &str, carries: Carries) -> Result<Self, Fault> {
        let Node { mut uri, tls, is_cluster } = node;
        if let Some(frame) = carries.frame() {
            uri.query.frame_max.get_or_insert(frame);
        }
        let properties = ConnectionProperties::default()
            .with_connection_name(format!("spymission {name}").into());
        let strangers = matches!(carries, Carries::Requests);
        let connecting = socket::connect((uri, tls), properties, strangers);
        let (connection, socket) = within(CALL, "connect", connecting).await?;
        let events =
            Events { blocked: None, stream: connection.events_listener().boxed(), lost: None };
        let events = Mutex::new(events);
        let (connection, socket) = (Arc::new(connection), Arc::new(socket));
        let channels = Channels::new(Arc::clone(&connection), is_cluster);
        let (looker, publishing) = (Looker::new(channels.clone()), std::sync::Mutex::default());
        let settling = Settling::default();
        Ok(Self { connection, channels, looker, settling, publishing, socket, events })
    }

    pub(crate) async fn publisher(&self) -> Result<Publisher, Fault> {
        let publisher = Publisher::new(self.channels.open().await?);
        let mut publishing = self.publishing();
        publishing.retain(|channel| channel.strong_count() > 0);
        publishing.push(publisher.watched());
        drop(publishing);
        Ok(publisher)
    }

    pub(crate) async fn confirmed_publisher(&self) -> Result<ConfirmedPublisher, Fault> {
        ConfirmedPublisher::new(self.publisher().await?, self.channels.clone()).await
    }

    /// As [`Looker::depth`].
    pub(crate) async fn depth(&self, queue: Queue) -> Result<Option<Depth>, Fault> {
        self.looker.depth(queue).await
    }

    /// Opens channels on this connection.
    pub(crate) fn channels(&self) -> &Channels {
        &self.channels
    }

    fn publishing(&self) -> MutexGuard<'_, Vec<Weak<Channel>>> {
        self.publishing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A channel to consume on.
    async fn settling_channel(&self) -> Result<Arc<Channel>, Fault> {
        self.settling.let_go().await?;
        let channel = Arc::new(self.channels.open().await?);
        self.settling.keep(&channel);
        Ok(channel)
    }

    /// Consumes a queue of the table, and keeps it bound.
    pub(crate) async fn consume(&self, queue: Queue, prefetch: u16) -> Result<Consumer, Fault> {
        let channel = self.settling_channel().await?;
        let (exchange, key) = (queue.source.name, String::new());
        let binding = Binding { queue: queue.name.to_owned(), exchange, key };
        let kept = KeptBound::new(binding, self.channels.clone());
        Consumer::new(channel, queue.name, prefetch, Some(kept)).await
    }

    /// Declares an exclusive queue, binds it as the table says, and consumes it. A full one drops its
    /// oldest message.
    pub(crate) async fn consume_own(
        &self,
        name: &str,
        own: OwnQueue,
        prefetch: u16,
    ) -> Result<Consumer, Fault> {
        let channel = self.settling_channel().await?;
        let options =
            QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        let mut arguments = FieldTable::default();
        for (key, value) in
            [("x-max-length", own.max_length), ("x-max-length-bytes", own.max_length_bytes)]
        {
            arguments.insert(key.into(), AMQPValue::LongLongInt(value.into()));
        }
        arguments.insert("x-overflow".into(), AMQPValue::LongString("drop-head".into()));
        let declaring = channel.queue_declare(name.into(), options, arguments);
        channel.within(CALL, "declare a queue of our own", declaring).await?;
        let mut kept = None;
        if let Some((exchange, key)) = own.binding(name) {
            let (queue, key) = (name.to_owned(), key.to_owned());
            let binding = Binding { queue, exchange: exchange.name, key };
            if let Outcome::Refused { text, .. } = binding.bind(&channel).await? {
                return Err(Fault::Broker { step: "bind a queue of our own", reason: text });
            }
            kept = Some(KeptBound::new(binding, self.channels.clone()));
        }
        Consumer::new(channel, name, prefetch, kept).await
    }

    /// Whether the broker takes no messages on this connection for now.
    pub(crate) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Waits until the connection is lost. Poll it all the time: it also notices when the broker
    /// blocks the connection.
    pub(crate) async fn lost(&self) -> Fault {
        let mut events = self.events.lock().await;
        if let Some(fault) = &events.lost {
            return fault.clone();
        }
        let mut reason = "closed".to_owned();
        while let Some(event) = events.stream.next().await {
            match event {
                // A soft error closes one channel. Whoever consumes or declares on it is told;
                // whoever publishes is not, and would notice only with the next message.
                Event::Error(error) if !error.is_amqp_soft_error() => {
                    reason = error.to_string();
                    break;
                }
                Event::Error(error) if self.cannot_publish() => {
                    reason = latest(&mut events.stream, error).to_string();
                    break;
                }
                Event::ConnectionBlocked(reason) => {
                    tracing::warn!(reason, "RabbitMQ takes no more messages for now");
                    events.blocked.get_or_insert_with(|| telemetry::process().blocked.hold(1));
                }
                Event::ConnectionUnblocked => {
                    tracing::info!("RabbitMQ takes messages again");
                    events.blocked = None;
                }
                _ => {}
            }
        }
        let fault = Fault::Broker { step: "connection", reason };
        events.lost.insert(fault).clone()
    }

    /// Whether the broker has closed a publishing channel, because its exchange is gone for example.
    fn cannot_publish(&self) -> bool {
        let closed = |channel: Arc<Channel>| !channel.status().connected();
        self.publishing().iter().filter_map(Weak::upgrade).any(closed)
    }

    pub(crate) async fn close(self) {
        close(&self.connection, &self.settling).await;
    }
}

/// The error that closed a channel: those of other channels, as of a declaration that was refused, may
/// wait in front of it.
fn latest(stream: &mut (impl Stream<Item = Event> + Unpin), first: lapin::Error) -> lapin::Error {
    let mut latest = first;
    while let Some(Some(Event::Error(error))) = stream.next().now_or_never() {
        latest = error;
    }
    latest
}

/// How long a step of a good end may take.
const CLOSE: Duration = Duration::from_secs(2);

/// A session that ends leaves no consumer behind. It is not enough to drop lapin's handles: a late
/// `basic.consume-ok`, for example, keeps the connection open, and messages would be delivered to a
/// consumer that nobody reads.
impl Drop for Link {
    fn drop(&mut self) {
        let (connection, socket) = (Arc::clone(&self.connection), Arc::clone(&self.socket));
        let settling = std::mem::take(&mut self.settling);
        if connection.status().connected()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                close(&connection, &settling).await;
                drop(socket);
            });
        }
    }
}

async fn close(connection: &Connection, settling: &Settling) {
    if let Err(fault) = within(CLOSE, "settle", settling.all_settled()).await {
        tracing::debug!(%fault, "what was settled last may be delivered again");
    }
    let closing = connection.close(200, "done".into());
    if let Err(fault) = within(CLOSE, "close", closing).await {
        tracing::debug!(%fault, "the connection did not close in good order");
    }
}
