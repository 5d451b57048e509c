//! Sending the replies of one lane, on a connection of its own.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use telemetry::Why;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::reply_publisher::ReplyPublisher;
use crate::{
    Broker, Confirmed, ConfirmedPublisher, Dropped, Envelope, Fault, Health, Link, supervise,
};

/// A reply that waits to be sent.
pub(super) struct Outgoing {
    pub(super) address: String,
    pub(super) envelope: Envelope,
    pub(super) body: Bytes,
    /// Dropped when the reply is lost.
    pub(super) left: oneshot::Sender<()>,
}

/// When it is looked whether the last reply has come back.
const LOOK: Duration = Duration::from_secs(1);

/// What a lane sends with.
pub(super) struct Sending<'a> {
    pub(super) broker: &'a Broker,
    pub(super) stop: &'a CancellationToken,
    /// Whether it is the lane of direct replies.
    pub(super) direct: bool,
    pub(super) stalled: &'a AtomicBool,
    pub(super) dropped: &'a Dropped,
}

impl Sending<'_> {
    /// Sends until a stop, and then what waits.
    pub(super) async fn run(self, replies: mpsc::Receiver<Outgoing>) {
        let replies = tokio::sync::Mutex::new(replies);
        supervise("foreign replies", &Health::default(), self.stop, || async {
            self.session(&mut *replies.lock().await).await
        })
        .await;
    }

    async fn session(&self, replies: &mut mpsc::Receiver<Outgoing>) -> Result<(), Fault> {
        loop {
            // Only when there is something to send: most deciders never have a foreign caller.
            let Some(first) = self.next(replies).await else { return Ok(()) };
            let opened = self.open().await;
            let (link, sender) = opened.inspect_err(|fault| self.lost(fault))?;
            let mut waiting = Some(first);
            while let Some(reply) = waiting {
                let sent = tokio::select! {
                    biased;
                    sent = sender.send(&reply) => sent,
                    fault = link.lost() => Err(fault),
                };
                if let Err(fault) = sent {
                    self.lost(&fault);
                    break; // the next reply gets a new connection at once
                }
                self.stalled.store(false, Relaxed);
                let _ = reply.left.send(()); // whoever sent it may wait no more
                waiting = tokio::select! {
                    biased;
                    fault = link.lost() => {
                        tracing::debug!(%fault, "the idle connection was lost");
                        break; // before the next reply is sent into nothing
                    }
                    waiting = self.next_or_returned(replies, &sender) => waiting?,
                };
                if waiting.is_none() {
                    link.close().await;
                    return Ok(());
                }
            }
        }
    }

    async fn open(&self) -> Result<(Link, Sender), Fault> {
        let link = self.broker.open("foreign replies").await?;
        let sender = Sender::open(&link, self.direct).await?;
        Ok((link, sender))
    }

    /// A reply was lost with its connection.
    fn lost(&self, fault: &Fault) {
        self.dropped.count(Why::Failed, &fault.to_string());
    }

    /// The next reply; after a stop only what waits already.
    async fn next(&self, replies: &mut mpsc::Receiver<Outgoing>) -> Option<Outgoing> {
        tokio::select! {
            biased;
            reply = replies.recv() => reply,
            () = self.stop.cancelled() => None,
        }
    }

    /// As [`next`](Self::next). Counts the replies that have come back, now or a moment later.
    async fn next_or_returned(
        &self,
        replies: &mut mpsc::Receiver<Outgoing>,
        sender: &Sender,
    ) -> Result<Option<Outgoing>, Fault> {
        sender.count_returned(self.dropped).await?;
        tokio::select! {
            biased;
            next = self.next(replies) => return Ok(next),
            () = sleep(LOOK) => sender.count_returned(self.dropped).await?,
        }
        Ok(self.next(replies).await)
    }
}

/// How a lane sends.
enum Sender {
    /// One after the other: on RabbitMQ 3.10 a reply to a caller that has gone closes the
    /// connection, which then loses no other reply.
    Direct(ConfirmedPublisher),
    /// Without waiting for confirms, which a broken queue never gives.
    OwnQueue(ReplyPublisher),
}

impl Sender {
    async fn open(link: &Link, direct: bool) -> Result<Self, Fault> {
        if direct {
            return Ok(Self::Direct(link.confirmed_publisher().await?));
        }
        Ok(Self::OwnQueue(link.reply_publisher().await?))
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
            Self::OwnQueue(publisher) => publisher.send(address, envelope, body).await,
        }
    }

    /// Counts the replies that have come back because there is no queue of that name.
    async fn count_returned(&self, dropped: &Dropped) -> Result<(), Fault> {
        let Self::OwnQueue(publisher) = self else { return Ok(()) };
        for _ in 0..publisher.returned().await? {
            dropped.count(Why::Unroutable, "no queue has its address");
        }
        Ok(())
    }
}
