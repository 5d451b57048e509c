//! Publishing to RabbitMQ.

use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation};
use tokio::sync::Mutex;

use super::properties;
use crate::fault::{CALL, within};
use crate::{Confirmed, Envelope, Fault};

/// How long a confirm is waited for; a quorum queue without its majority gives none.
const CONFIRM: Duration = Duration::from_secs(10);

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
pub(crate) struct ConfirmedPublisher(Mutex<Channel>);

impl ConfirmedPublisher {
    pub(crate) async fn new(channel: Channel) -> Result<Self, Fault> {
        within(CALL, "turn on confirms", channel.confirm_select(ConfirmSelectOptions::default()))
            .await?;
        Ok(Self(Mutex::new(channel)))
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
