//! Replies to callers' own queues. They are transient, and waiting for one is bounded: a reply that
//! is lost costs nothing but the reply, because the row is stored and the caller can ask again.

mod lane;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use schemas::Role;
use telemetry::Why;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{Broker, Dropped, Envelope, Running, together};
use lane::{Outgoing, Sending};

/// Sends replies to callers' own queues, on connections that are used for nothing else. Each
/// address belongs to one of several lanes, and each lane has a connection of its own: an address
/// that RabbitMQ cannot deliver to stops its lane at most.
#[derive(Clone)]
pub struct ForeignReplies {
    /// The first lane is for direct replies.
    lanes: Arc<[Lane]>,
    dropped: Dropped,
}

struct Lane {
    replies: mpsc::Sender<Outgoing>,
    /// A reply was lost or did not leave within [`PATIENCE`], and none has left since.
    stalled: Arc<AtomicBool>,
}

/// Lanes for callers with queues of their own; a lane connects with its first reply.
const LANES: usize = 8;
/// Replies that wait in one lane; more of them are dropped.
const WAITING: usize = 512;
/// How long whoever sends a reply may wait until it has left.
const PATIENCE: Duration = Duration::from_secs(1);
/// How RabbitMQ names the address of a caller without a queue.
const DIRECT: &str = "amq.rabbitmq.reply-to.";

impl ForeignReplies {
    /// Begins to send replies. The future is to be run beside whoever sends them. It ends when
    /// `stop` is told and what waits is sent, or when nobody can send any more.
    pub fn open(
        broker: Broker,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let lane = |_| {
            let (replies, receiver) = mpsc::channel(WAITING);
            (Lane { replies, stalled: Arc::default() }, receiver)
        };
        let (lanes, receivers): (Vec<_>, Vec<_>) = (0..=LANES).map(lane).unzip();
        let stalled: Vec<_> = lanes.iter().map(|lane| Arc::clone(&lane.stalled)).collect();
        let replies = Self { lanes: lanes.into(), dropped: Dropped::new(Role::Decider.name()) };
        let dropped = replies.dropped.clone();
        let sending = async move {
            let lanes = receivers.into_iter().zip(&stalled).enumerate();
            let lanes = lanes.map(|(lane, (replies, stalled))| -> Running<'_> {
                let (broker, stop, dropped) = (&broker, &stop, &dropped);
                let sending = Sending { broker, stop, direct: lane == 0, stalled, dropped };
                Box::pin(sending.run(replies))
            });
            together(lanes).await;
        };
        (replies, sending)
    }

    /// Sends a reply, at most once. When too many wait already it is dropped; that is counted and
    /// logged. The future ends when the reply has left or is lost, and after 1 s in any case.
    /// After a reply of the same lane that was lost or held up, it ends at once until one leaves.
    pub fn send(
        &self,
        address: String,
        envelope: Envelope,
        body: Bytes,
    ) -> impl Future<Output = ()> + use<> {
        let (left, leaving) = oneshot::channel();
        let lane = self.lanes.get(lane(&address));
        let reply = Outgoing { address, envelope, body, left };
        let sent = lane.filter(|lane| lane.replies.try_send(reply).is_ok());
        if sent.is_none() {
            self.dropped.count(Why::TooMany, "too many wait for a caller's own queue");
        }
        let stalled = sent.map(|lane| Arc::clone(&lane.stalled));
        async move {
            let Some(stalled) = stalled.filter(|stalled| !stalled.load(Relaxed)) else { return };
            let left = matches!(timeout(PATIENCE, leaving).await, Ok(Ok(())));
            if !left && !stalled.swap(true, Relaxed) {
                tracing::debug!(
                    "a reply to a caller's own queue did not leave; the next ones are not waited for"
                );
            }
        }
    }

    /// The replies that were lost. A direct reply whose caller has gone is one of them only if it
    /// takes its connection with it: RabbitMQ does not say what became of another.
    pub fn dropped(&self) -> &Dropped {
        &self.dropped
    }
}

/// Direct replies have a lane of their own; any other address always has the same lane.
fn lane(address: &str) -> usize {
    if address.starts_with(DIRECT) {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    address.hash(&mut hasher);
    1 + usize::try_from(hasher.finish() % LANES as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direct_replies_have_a_lane_of_their_own_and_an_address_keeps_its_lane() {
        assert_eq!(lane("amq.rabbitmq.reply-to.x"), 0);
        let lanes: std::collections::HashSet<_> =
            (0..100).map(|n| lane(&format!("caller-{n}"))).collect();
        assert!(!lanes.contains(&0) && lanes.len() == LANES, "{lanes:?}");
        assert_eq!(lane("caller"), lane("caller"));
    }
}
