//! RabbitMQ through lapin; nothing outside this folder names lapin's types but the address.

pub(crate) mod declare;
mod properties;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
    BasicRejectOptions, ConfirmSelectOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use lapin::{Channel, Confirmation, Connection, ConnectionProperties, Event};
use schemas::topology::{self, reply_queue};
use tokio::sync::Mutex;

use crate::fault::{CALL, within};
use crate::{Confirmed, Delivery, Envelope, Fault, Tag};

/// How long a confirm is waited for; a quorum queue without its majority gives none.
const CONFIRM: Duration = Duration::from_secs(10);

/// One connection. lapin's own recovery stays off: a fault ends the session, see `supervise`.
pub(crate) struct Link {
    connection: Connection,
    events: Mutex<std::pin::Pin<Box<dyn Stream<Item = Event> + Send>>>,
}

impl Link {
    pub(crate) async fn connect(uri: &AMQPUri, name: &str) -> Result<Self, Fault> {
        let properties = ConnectionProperties::default()
            .with_connection_name(format!("spymission {name}").into());
        let connecting = Connection::connect_uri(uri.clone(), properties);
        let connection = within(CALL, "connect", connecting).await?;
        let events = Mutex::new(connection.events_listener().boxed());
        Ok(Self { connection, events })
    }

    pub(crate) async fn channel(&self) -> Result<Channel, Fault> {
        within(CALL, "open a channel", self.connection.create_channel()).await
    }

    pub(crate) async fn consume(&self, queue: &str, prefetch: u16) -> Result<Consumer, Fault> {
        Consumer::new(self.channel().await?, queue, prefetch).await
    }

    /// An exclusive reply queue, bound to the reply exchange by its own name.
    pub(crate) async fn consume_own(&self, name: &str, prefetch: u16) -> Result<Consumer, Fault> {
        let channel = self.channel().await?;
        let options =
            QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
        let mut arguments = FieldTable::default();
        for (key, value) in [
            ("x-max-length", reply_queue::MAX_LENGTH),
            ("x-max-length-bytes", reply_queue::MAX_LENGTH_BYTES),
        ] {
            arguments.insert(key.into(), AMQPValue::LongLongInt(value.into()));
        }
        let declaring = channel.queue_declare(name.into(), options, arguments);
        within(CALL, "declare a reply queue", declaring).await?;
        if name.starts_with(reply_queue::PREFIX) {
            let (exchange, options) = (topology::REPLIES.name, QueueBindOptions::default());
            let none = FieldTable::default();
            let binding =
                channel.queue_bind(name.into(), exchange.into(), name.into(), options, none);
            within(CALL, "bind a reply queue", binding).await?;
        }
        Consumer::new(channel, name, prefetch).await
    }

    pub(crate) async fn lost(&self) -> Fault {
        let mut events = self.events.lock().await;
        while let Some(event) = events.next().await {
            match event {
                // A soft error closes one channel, and whoever uses it sees that for himself.
                Event::Error(error) if !error.is_amqp_soft_error() => {
                    return Fault::Broker { step: "connection", reason: error.to_string() };
                }
                Event::ConnectionBlocked(reason) => {
                    tracing::warn!(reason, "RabbitMQ takes no more messages for now");
                }
                Event::ConnectionUnblocked => tracing::info!("RabbitMQ takes messages again"),
                _ => {}
            }
        }
        Fault::Broker { step: "connection", reason: "closed".to_owned() }
    }

    pub(crate) async fn close(self) {
        let closing = self.connection.close(200, "done".into());
        if let Err(fault) = within(Duration::from_secs(2), "close", closing).await {
            tracing::debug!(%fault, "the connection did not close in good order");
        }
    }
}

/// A consumer on a channel of its own.
pub(crate) struct Consumer {
    stream: lapin::Consumer,
    channel: Channel,
    queue: String,
    cancelled: bool,
}

impl Consumer {
    async fn new(channel: Channel, queue: &str, prefetch: u16) -> Result<Self, Fault> {
        // Before the first delivery: lapin buffers without bound, the prefetch is the bound.
        within(CALL, "set the prefetch", channel.basic_qos(prefetch, BasicQosOptions::default()))
            .await?;
        let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
        let consuming = channel.basic_consume(queue.into(), "".into(), options, none);
        let stream = within(CALL, "consume", consuming).await?;
        Ok(Self { stream, channel, queue: queue.to_owned(), cancelled: false })
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Delivery>, Fault> {
        let item = self.stream.next().await;
        self.delivery(item)
    }

    pub(crate) fn ready(&mut self) -> Result<Option<Delivery>, Fault> {
        match self.stream.next().now_or_never() {
            Some(item) => self.delivery(item),
            None => Ok(None),
        }
    }

    fn delivery(
        &self,
        item: Option<lapin::Result<lapin::message::Delivery>>,
    ) -> Result<Option<Delivery>, Fault> {
        match item {
            Some(Ok(delivery)) => Ok(Some(Delivery {
                envelope: properties::read(&delivery.properties),
                earlier: properties::delivery_count(&delivery.properties, delivery.redelivered),
                tag: Tag(delivery.delivery_tag),
                body: Bytes::from(delivery.data),
            })),
            Some(Err(error)) => Err(Fault::Broker { step: "consume", reason: error.to_string() }),
            // A plain end is what lapin gives for a queue that was deleted, too.
            None if self.cancelled => Ok(None),
            None => Err(Fault::Cancelled(self.queue.clone())),
        }
    }

    pub(crate) async fn cancel(&mut self) -> Result<(), Fault> {
        self.cancelled = true;
        let options = BasicCancelOptions::default();
        within(CALL, "cancel a consumer", self.channel.basic_cancel(self.stream.tag(), options))
            .await
    }

    pub(crate) fn settler(&self) -> Settler {
        Settler(self.channel.clone())
    }
}

/// Settles what was delivered on one channel.
#[derive(Clone)]
pub(crate) struct Settler(Channel);

impl Settler {
    pub(crate) async fn ack(&self, tag: Tag, multiple: bool) -> Result<(), Fault> {
        let acking = self.0.basic_ack(tag.0, BasicAckOptions { multiple });
        within(CALL, "acknowledge", acking).await
    }

    pub(crate) async fn release(&self, tag: Tag) -> Result<(), Fault> {
        let rejecting = self.0.basic_reject(tag.0, BasicRejectOptions { requeue: true });
        within(CALL, "release", rejecting).await
    }
}

/// Hands a transient message to the connection.
pub(crate) async fn send(
    channel: &Channel,
    exchange: &str,
    key: &str,
    envelope: &Envelope,
    body: &[u8],
) -> Result<(), Fault> {
    let options = BasicPublishOptions::default();
    let properties = properties::write(envelope, false);
    let publishing = channel.basic_publish(exchange.into(), key.into(), options, body, properties);
    within(CALL, "publish", publishing).await.map(drop)
}

/// Publishes durable messages on a channel of its own, one in flight: with two, lapin may give
/// the one's return to the other.
pub(crate) struct ConfirmedPublisher(Arc<Mutex<Channel>>);

impl ConfirmedPublisher {
    pub(crate) async fn new(channel: Channel) -> Result<Self, Fault> {
        within(CALL, "turn on confirms", channel.confirm_select(ConfirmSelectOptions::default()))
            .await?;
        Ok(Self(Arc::new(Mutex::new(channel))))
    }

    pub(crate) async fn publish(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        let channel = self.0.lock().await;
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let durable = properties::write(envelope, true);
        let publishing = channel.basic_publish(exchange.into(), key.into(), options, body, durable);
        let confirming = async { publishing.await?.await };
        match within(CONFIRM, "publish", confirming).await? {
            Confirmation::Ack(None) => Ok(Confirmed::Taken),
            Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => Ok(Confirmed::Unroutable),
            Confirmation::Nack(None) => Ok(Confirmed::Refused),
            Confirmation::NotRequested => Err(Fault::Broker {
                step: "publish",
                reason: "the channel gives no confirms".to_owned(),
            }),
        }
    }
}
