//! Publishing to RabbitMQ.

use std::sync::{Arc, Weak};
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Confirmation};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::channels::{Channel, Channels};
use super::declare::declare;
use super::properties;
use crate::message::CALL;
use crate::{Confirmed, Envelope, Fault};

/// The longest wait for a confirm. A quorum queue without its majority never confirms.
const CONFIRM: Duration = Duration::from_secs(10);
/// The step that a fault names.
const PUBLISH: &str = "publish";

/// A channel to publish on.
#[derive(Clone)]
pub(crate) struct Publisher {
    channel: Arc<Channel>,
}

impl Publisher {
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel: Arc::new(channel) }
    }

    /// The channel, for whoever watches it as long as somebody publishes on it.
    pub(super) fn watched(&self) -> Weak<Channel> {
        Arc::downgrade(&self.channel)
    }

    /// Hands a transient message to the connection.
    pub(crate) async fn send(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        self.hand_over((exchange, key), false, body, properties::write(envelope, false)).await
    }

    /// As [`send`](Self::send), once for two keys of the exchange.
    pub(crate) async fn send_copied(
        &self,
        exchange: &str,
        (key, copy): (&str, &str),
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        let properties = properties::write_copied(envelope, copy);
        self.hand_over((exchange, key), false, body, properties).await
    }

    /// As [`send`](Self::send), to a queue by its name. If there is no such queue, the message comes
    /// back.
    pub(crate) async fn send_to_queue(
        &self,
        queue: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        self.hand_over(("", queue), true, body, properties::write(envelope, false)).await
    }

    async fn hand_over(
        &self,
        (exchange, key): (&str, &str),
        mandatory: bool,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<(), Fault> {
        let options = BasicPublishOptions { mandatory, immediate: false };
        let (exchange, key) = (exchange.into(), key.into());
        let publishing = self.channel.basic_publish(exchange, key, options, body, properties);
        self.channel.within(CALL, PUBLISH, publishing).await.map(drop)
    }

    /// How many messages have come back since the last call. lapin keeps each of them until then.
    pub(crate) async fn returned(&self) -> Result<usize, Fault> {
        // The channel has no confirms: this waits for nothing.
        let looking = self.channel.wait_for_confirms();
        let returned = self.channel.within(CALL, "look at returned messages", looking).await?;
        Ok(returned.len())
    }

    /// Publishes and waits for the confirm. The message is durable, unless it goes through the
    /// default exchange: replies to callers are transient.
    async fn publish(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let properties = properties::write(envelope, !exchange.is_empty());
        let (exchange, key) = (exchange.into(), key.into());
        let publishing = self.channel.basic_publish(exchange, key, options, body, properties);
        let confirming = async { publishing.await?.await };
        match self.channel.within(CONFIRM, PUBLISH, confirming).await? {
            Confirmation::Ack(None) => Ok(Confirmed::Taken),
            Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => Ok(Confirmed::Unroutable),
            Confirmation::Nack(None) => Ok(Confirmed::Refused),
            Confirmation::NotRequested => Err(Fault::Broker {
                step: PUBLISH,
                reason: "the channel gives no confirms".to_owned(),
            }),
        }
    }
}

/// Publishes durable messages on a channel of its own, one at a time: with two in flight, lapin may
/// mix up their returns.
pub(crate) struct ConfirmedPublisher {
    one_at_a_time: Mutex<Publisher>,
    channels: Channels,
    /// When the topology was declared again.
    declared: Mutex<Option<Instant>>,
}

/// The topology is not declared again more often than this.
const PAUSE: Duration = Duration::from_secs(1);

impl ConfirmedPublisher {
    pub(super) async fn new(publisher: Publisher, channels: Channels) -> Result<Self, Fault> {
        let selecting = publisher.channel.confirm_select(ConfirmSelectOptions::default());
        publisher.channel.within(CALL, "turn on confirms", selecting).await?;
        Ok(Self { one_at_a_time: Mutex::new(publisher), channels, declared: Mutex::new(None) })
    }

    /// Publishes; when no queue wants the message, the topology is declared again and the message
    /// is published once more.
    pub(crate) async fn publish(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        let publisher = self.one_at_a_time.lock().await;
        let confirmed = publisher.publish(exchange, key, envelope, body).await?;
        if confirmed != Confirmed::Unroutable || exchange.is_empty() {
            return Ok(confirmed);
        }
        let mut declared = self.declared.lock().await;
        if declared.is_some_and(|at| at.elapsed() < PAUSE) {
            return Ok(confirmed);
        }
        *declared = Some(Instant::now());
        tracing::warn!(exchange, "no queue takes a message; declaring the topology again");
        for difference in declare(&self.channels).await? {
            difference.accept_or_fault()?;
        }
        publisher.publish(exchange, key, envelope, body).await
    }
}
