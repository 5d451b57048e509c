//! Replies to callers' own queues. They are transient, and waiting for one is bounded: a reply that
//! is lost costs nothing but the reply, because the row is stored and the caller can ask again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use schemas::Role;
use telemetry::Why;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    Broker, Confirmed, ConfirmedPublisher, Envelope, Fault, Health, Link, Publisher, Running,
    supervise, together,
};

/// Sends replies to callers' own queues, on connections that are used for nothing else. Each
/// address belongs to one of several lanes, and each lane has a connection of its own: an address
/// that RabbitMQ cannot deliver to stops its lane at most.
#[derive(Clone)]
pub struct ForeignReplies {
    /// The first lane is for direct replies.
    lanes: Arc<[Lane]>,
    dropped: Arc<AtomicU64>,
}

struct Lane {
    replies: mpsc::Sender<Outgoing>,
    /// A reply was lost or did not leave within [`PATIENCE`], and none has left since.
    stalled: Arc<AtomicBool>,
}

struct Outgoing {
    address: String,
    envelope: Envelope,
    body: Bytes,
    /// Dropped when the reply is lost.
    left: oneshot::Sender<()>,
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
        let sending = async move {
            let lanes = receivers.into_iter().zip(&stalled).enumerate();
            let lanes = lanes.map(|(lane, (replies, stalled))| -> Running<'_> {
                Box::pin(run(&broker, &stop, lane, replies, stalled))
            });
            together(lanes).await;
        };
        (Self { lanes: lanes.into(), dropped: Arc::default() }, sending)
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
            let dropped = self.dropped.fetch_add(1, Relaxed) + 1;
            telemetry::of(Role::Decider).replies_dropped.of(Why::TooMany).one();
            tracing::warn!(dropped, "a reply to a caller's own queue was dropped");
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

    /// How many replies were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
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

async fn run(
    broker: &Broker,
    stop: &CancellationToken,
    lane: usize,
    replies: mpsc::Receiver<Outgoing>,
    stalled: &AtomicBool,
) {
    let replies = tokio::sync::Mutex::new(replies);
    supervise("foreign replies", &Health::default(), stop, || async {
        session(broker, stop, lane, &mut *replies.lock().await, stalled).await
    })
    .await;
}

async fn session(
    broker: &Broker,
    stop: &CancellationToken,
    lane: usize,
    replies: &mut mpsc::Receiver<Outgoing>,
    stalled: &AtomicBool,
) -> Result<(), Fault> {
    loop {
        // Only when there is something to send: most deciders never have a foreign caller.
        let Some(first) = next(replies, stop).await else { return Ok(()) };
        let link = broker.open("foreign replies").await?;
        let sender = Sender::open(&link, lane).await?;
        let mut waiting = Some(first);
        while let Some(reply) = waiting {
            let sent = tokio::select! {
                sent = sender.send(&reply) => sent,
                fault = link.lost() => Err(fault),
            };
            if let Err(fault) = sent {
                tracing::debug!(%fault, "a reply took its connection with it");
                break; // the next reply gets a new connection at once
            }
            stalled.store(false, Relaxed);
            let _ = reply.left.send(()); // whoever sent it may wait no more
            waiting = tokio::select! {
                biased;
                fault = link.lost() => {
                    tracing::debug!(%fault, "the idle connection was lost");
                    break; // before the next reply is sent into nothing
                }
                waiting = next(replies, stop) => waiting,
            };
            if waiting.is_none() {
                link.close().await;
                return Ok(());
            }
        }
    }
}

/// The next reply; after a stop only what waits already.
async fn next(
    replies: &mut mpsc::Receiver<Outgoing>,
    stop: &CancellationToken,
) -> Option<Outgoing> {
    tokio::select! {
        biased;
        reply = replies.recv() => reply,
        () = stop.cancelled() => None,
    }
}

/// How a lane sends.
enum Sender {
    /// One after the other: on RabbitMQ 3.10 a reply to a caller that has gone closes the
    /// connection, which then loses no other reply.
    Direct(ConfirmedPublisher),
    /// Without waiting for confirms, which a broken queue never gives.
    OwnQueue(Publisher),
}

impl Sender {
    async fn open(link: &Link, lane: usize) -> Result<Self, Fault> {
        match lane {
            0 => Ok(Self::Direct(link.confirmed_publisher().await?)),
            _ => Ok(Self::OwnQueue(link.publisher().await?)),
        }
    }

    async fn send(&self, Outgoing { address, envelope, body, .. }: &Outgoing) -> Result<(), Fault> {
        match self {
            // RabbitMQ calls a direct reply unroutable even when it was delivered.
            Self::Direct(publisher) => {
                let confirmed = publisher.publish_to_queue(address, envelope, body).await?;
                if confirmed == Confirmed::Refused {
                    tracing::info!("a direct reply was refused");
                }
                Ok(())
            }
            Self::OwnQueue(publisher) => publisher.send_to_queue(address, envelope, body).await,
        }
    }
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
