//! Where a reply goes: to one of our own agents, or to a caller's own queue.

use bytes::Bytes;
use schemas::topology::{NAMESPACE, reply_queue};
use schemas::{Problem, ProblemKind};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{Broker, Confirmed, ConfirmedPublisher, Envelope, Fault, Health, Link, supervise};

/// A caller's `reply_to`, as far as a reply may be sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnAddress {
    /// A reply queue behind the reply exchange.
    Ours(String),
    /// Any other queue, behind the default exchange.
    Foreign(String),
}

impl ReturnAddress {
    /// Reads a `reply_to`; an empty one is none.
    ///
    /// # Errors
    /// It is in our own namespace: a reply would be taken for a request or a decision.
    pub fn parse(reply_to: Option<&str>) -> Result<Option<Self>, Problem> {
        match reply_to {
            None | Some("") => Ok(None),
            Some(name) if name.starts_with(NAMESPACE) => Err(Problem::new(
                ProblemKind::Invalid,
                format!(
                    "`reply_to` begins with {NAMESPACE}, which is ours: use a queue of your own"
                ),
            )),
            Some(name) if name.starts_with(reply_queue::PREFIX) => {
                Ok(Some(Self::Ours(name.to_owned())))
            }
            Some(name) => Ok(Some(Self::Foreign(name.to_owned()))),
        }
    }
}

/// Sends replies to callers' own queues, on a connection that is used for nothing else: on
/// RabbitMQ 3.10 a direct reply to a caller that has gone closes the connection.
#[derive(Clone)]
pub struct ForeignReplies(mpsc::Sender<Outgoing>);

struct Outgoing {
    address: String,
    envelope: Envelope,
    body: Bytes,
    done: oneshot::Sender<()>,
}

/// Replies that wait to be sent.
const ROOM: usize = 1_024;
/// How long a reply may take, those before it included: a decider's 64 wait for one another, and a
/// busy broker confirms ten a second. After that it is lost: the row stands, and the caller can ask
/// again.
const PATIENCE: Duration = Duration::from_secs(10);

impl ForeignReplies {
    /// Begins to send replies; the future is to be run beside whoever sends them, and ends when
    /// `stop` is told or nobody can send any more.
    pub fn open(broker: Broker, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (sender, replies) = mpsc::channel(ROOM);
        let sending = async move {
            let replies = tokio::sync::Mutex::new(replies);
            supervise("foreign replies", &Health::default(), &stop, || async {
                session(&broker, &stop, &mut *replies.lock().await).await
            })
            .await;
        };
        (Self(sender), sending)
    }

    /// Sends a reply, at most once. Returns when the broker has it, or when it is lost: that is
    /// logged, and holds up nothing.
    pub async fn send(&self, address: String, envelope: Envelope, body: Bytes) {
        let (done, sent) = oneshot::channel();
        let reply = Outgoing { address, envelope, body, done };
        let sending = async { self.0.send(reply).await.is_ok() && sent.await.is_ok() };
        if !tokio::time::timeout(PATIENCE, sending).await.unwrap_or(false) {
            tracing::warn!("a reply to a caller's own queue was lost");
        }
    }
}

async fn session(
    broker: &Broker,
    stop: &CancellationToken,
    replies: &mut mpsc::Receiver<Outgoing>,
) -> Result<(), Fault> {
    loop {
        // Only when there is something to send: most deciders never have a foreign caller.
        let Some(Some(first)) = stop.run_until_cancelled(replies.recv()).await else {
            return Ok(());
        };
        let link = broker.open("foreign replies").await?;
        let publisher = link.confirmed_publisher().await?;
        let mut next = Some(first);
        while let Some(reply) = next {
            if let Err(fault) = send(&link, &publisher, reply).await {
                tracing::debug!(%fault, "a reply took its connection with it");
                break; // a dead address; the next reply gets a new connection at once
            }
            next = tokio::select! {
                biased;
                fault = link.lost() => {
                    tracing::debug!(%fault, "the idle connection was lost");
                    break; // before the next reply is sent into nothing
                }
                next = stop.run_until_cancelled(replies.recv()) => match next {
                    Some(next) => next,
                    None => {
                        link.close().await;
                        return Ok(());
                    }
                },
            };
        }
    }
}

async fn send(link: &Link, publisher: &ConfirmedPublisher, reply: Outgoing) -> Result<(), Fault> {
    if reply.done.is_closed() {
        return Ok(()); // it has waited too long: whoever sent it has given it up
    }
    let publishing = publisher.publish_to_queue(&reply.address, &reply.envelope, &reply.body);
    let confirmed = tokio::select! {
        confirmed = publishing => confirmed?,
        fault = link.lost() => return Err(fault),
    };
    // RabbitMQ says so of a direct reply even when it was delivered.
    let direct = reply.address.starts_with("amq.rabbitmq.reply-to.");
    if confirmed != Confirmed::Taken && !direct {
        tracing::info!(?confirmed, "a reply found no queue: its caller has gone");
    }
    // The caller's absence is no failure of ours: the reply is settled either way.
    let _ = reply.done.send(());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_address_in_our_namespace_is_refused() {
        for name in ["mission.requests", "mission.", "mission.dead-letters"] {
            assert!(ReturnAddress::parse(Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn our_own_reply_queues_are_told_from_foreign_ones() {
        let parse = |name| ReturnAddress::parse(Some(name)).unwrap();
        assert_eq!(parse(""), None);
        assert_eq!(parse("reply.gateway.1"), Some(ReturnAddress::Ours("reply.gateway.1".into())));
        assert_eq!(parse("my-queue"), Some(ReturnAddress::Foreign("my-queue".into())));
    }
}
