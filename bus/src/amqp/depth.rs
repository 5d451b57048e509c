//! Looks at queues by passive declares: they change nothing.

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use schemas::topology::Queue;
use tokio::sync::Mutex;

use super::channels::{Channel, Channels};
use crate::message::CALL;
use crate::{Depth, Fault};

/// Looks at queues, on a channel that it keeps.
pub(super) struct Looker {
    channels: Channels,
    /// A refusal closes a channel; the next look opens another one.
    channel: Mutex<Option<Channel>>,
}

impl Looker {
    pub(super) fn new(channels: Channels) -> Self {
        Self { channels, channel: Mutex::default() }
    }

    /// What is in this queue; `None` if it does not exist, or this user may not look.
    pub(super) async fn depth(&self, queue: Queue) -> Result<Option<Depth>, Fault> {
        let mut kept = self.channel.lock().await;
        let channel = match kept.take() {
            Some(channel) => channel,
            None => self.channels.open().await?,
        };
        let options = QueueDeclareOptions { passive: true, durable: true, ..Default::default() };
        let looking = channel.queue_declare(queue.name.into(), options, FieldTable::default());
        // The refusal of a look is an answer, not a fault.
        let looking = async {
            match looking.await {
                Err(error) if error.is_amqp_soft_error() => Ok(None),
                looked => looked.map(Some),
            }
        };
        let looked = channel.within(CALL, "look at a queue", looking).await?;
        let Some(looked) = looked else { return Ok(None) };
        *kept = Some(channel);
        Ok(Some(Depth {
            messages: looked.message_count().into(),
            consumers: looked.consumer_count().into(),
        }))
    }
}
