//! Consuming from RabbitMQ.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::Fuse;
use futures_util::{FutureExt, StreamExt};
use lapin::BasicProperties;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions,
};
use lapin::types::FieldTable;
use schemas::topology::DEAD_LETTER_QUEUE;

use super::binding::KeptBound;
use super::channels::Channel;
use super::{letters, properties};
use crate::message::CALL;
use crate::{Delivery, Envelope, Fault, Tag};

/// A consumer on a channel of its own.
pub(crate) struct Consumer {
    /// Fused: after its end it returns `None` to each further call.
    stream: Fuse<lapin::Consumer>,
    channel: Arc<Channel>,
    queue: String,
    cancelled: bool,
    /// Whether what it delivers is dead letters, whose headers say so.
    letters: bool,
    _kept_bound: Option<KeptBound>,
}

impl Consumer {
    pub(super) async fn new(
        channel: Arc<Channel>,
        queue: &str,
        prefetch: u16,
        kept_bound: Option<KeptBound>,
    ) -> Result<Self, Fault> {
        // Before the first delivery: lapin buffers without bound, the prefetch is the bound.
        let limiting = channel.basic_qos(prefetch, BasicQosOptions::default());
        channel.within(CALL, "set the prefetch", limiting).await?;
        let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
        let consuming = channel.basic_consume(queue.into(), "".into(), options, none);
        let stream = channel.within(CALL, "consume", consuming).await?.fuse();
        let queue = queue.to_owned();
        let letters = queue == DEAD_LETTER_QUEUE.name;
        Ok(Self { stream, channel, queue, cancelled: false, letters, _kept_bound: kept_bound })
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
                envelope: self.envelope(&delivery.properties),
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

    fn envelope(&self, properties: &BasicProperties) -> Envelope {
        let label = self.letters.then(|| letters::label(properties));
        Envelope { label, ..properties::read(properties) }
    }

    pub(crate) async fn cancel(&mut self) -> Result<(), Fault> {
        self.cancelled = true;
        let (tag, options) = (self.stream.get_ref().tag(), BasicCancelOptions::default());
        let cancelling = self.channel.basic_cancel(tag, options);
        self.channel.within(CALL, "cancel a consumer", cancelling).await
    }

    pub(crate) fn settler(&self) -> Settler {
        Settler(Arc::clone(&self.channel))
    }
}

/// Settles what was delivered on one channel.
#[derive(Clone)]
pub(crate) struct Settler(Arc<Channel>);

impl Settler {
    pub(crate) fn ack(&self, tag: Tag, multiple: bool) -> Result<(), Fault> {
        let acking = self.0.basic_ack(tag.0, BasicAckOptions { multiple });
        handed_over("acknowledge", acking)
    }

    pub(crate) fn release(&self, tag: Tag) -> Result<(), Fault> {
        let rejecting = self.0.basic_reject(tag.0, BasicRejectOptions { requeue: true });
        handed_over("release", rejecting)
    }
}

/// Hands a frame to the connection with the first poll, and does not wait until it is written: that
/// would wake this thread once more. There are never more of them than the prefetch allows. What goes
/// wrong later shows as a lost connection.
fn handed_over(
    step: &'static str,
    call: impl Future<Output = lapin::Result<()>>,
) -> Result<(), Fault> {
    match call.now_or_never() {
        Some(Err(error)) => Err(Fault::Broker { step, reason: error.to_string() }),
        Some(Ok(())) | None => Ok(()),
    }
}
