//! How many requests a decider takes at a time, and which of them alone.
//!
//! It begins narrow: one at a time. The first request that was never delivered before and
//! succeeds widens it. It goes narrow again when somebody is silent, and when it meets a suspect:
//! a request that was delivered twice before and may be what killed its deciders. A suspect is
//! tried when everything else is settled, so that it takes no neighbour with it.

use std::sync::Arc;

use bus::{Fault, Link, Requests, Taken};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Decider;
use super::settle::Work;

/// Requests that a wide decider takes at a time. This bounds its memory as far as the broker bounds
/// the size of a message.
const WIDE: u16 = 64;
/// A request that was delivered this often before is a suspect.
pub(super) const SUSPECT: u32 = 2;

pub(super) struct Taking<'a> {
    decider: Arc<Decider>,
    consuming: &'a Link,
    stop: &'a CancellationToken,
}

impl<'a> Taking<'a> {
    pub(super) fn new(
        decider: Arc<Decider>,
        consuming: &'a Link,
        stop: &'a CancellationToken,
    ) -> Self {
        Self { decider, consuming, stop }
    }

    /// Takes requests until the stop, and then settles what it holds.
    pub(super) async fn run(&self) -> Result<(), Fault> {
        while !self.stop.is_cancelled() {
            self.narrow().await?;
            if !self.stop.is_cancelled()
                && let Some(suspect) = self.wide().await?
            {
                self.decider.handle(Work::read(suspect)).await?;
            }
        }
        Ok(())
    }

    /// One at a time, until one succeeds that was never delivered before, or a stop.
    async fn narrow(&self) -> Result<(), Fault> {
        while !self.stop.is_cancelled() {
            if self.narrow_until_fresh().await? {
                break;
            }
        }
        Ok(())
    }

    /// One at a time, up to the first that was never delivered before. Says whether that succeeded.
    async fn narrow_until_fresh(&self) -> Result<bool, Fault> {
        let mut requests = Requests::take(self.consuming, 1).await?;
        while let Some(taken) = self.stop.run_until_cancelled(requests.next()).await {
            let Some(taken) = taken? else { break };
            if taken.earlier == 0 {
                // Cancelled while it is unsettled, so that no other is on its way: RabbitMQ takes
                // back what a cancel meets, and counts that as a delivery that failed.
                requests.cancel().await?;
                return self.decider.handle(Work::read(taken)).await;
            }
            self.decider.handle(Work::read(taken)).await?;
        }
        requests.cancel().await?;
        while let Some(taken) = requests.next().await? {
            self.decider.handle(Work::read(taken)).await?;
        }
        Ok(false)
    }

    /// Many at a time, until a stop, a silence or a suspect; then settles all but the suspect.
    async fn wide(&self) -> Result<Option<Taken>, Fault> {
        let mut requests = Requests::take(self.consuming, WIDE).await?;
        let mut silence = self.decider.asker.overdue();
        let (mut tasks, mut suspects) = (JoinSet::new(), Vec::new());
        while suspects.is_empty() {
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = falls(&mut silence) => {
                    tracing::warn!("workers or persister are silent; no more requests are taken");
                    break;
                }
                Some(done) = tasks.join_next() => settled(done)?,
                taken = requests.next() => match taken? {
                    Some(taken) => self.start(taken, &mut tasks, &mut suspects),
                    None => break,
                },
            }
        }
        requests.cancel().await?;
        while let Some(taken) = requests.next().await? {
            self.start(taken, &mut tasks, &mut suspects);
        }
        // Only one can be tried alone; the others are for whoever takes them next.
        for other in suspects.drain(suspects.len().min(1)..) {
            other.release().await?;
        }
        while let Some(done) = tasks.join_next().await {
            settled(done)?;
        }
        Ok(suspects.pop())
    }

    /// Begins the work; a suspect is kept back.
    fn start(
        &self,
        taken: Taken,
        tasks: &mut JoinSet<Result<(), Fault>>,
        suspects: &mut Vec<Taken>,
    ) {
        if taken.earlier >= SUSPECT {
            suspects.push(taken);
            return;
        }
        let decider = Arc::clone(&self.decider);
        tasks.spawn(async move { decider.handle(Work::read(taken)).await.map(drop) });
    }
}

/// Waits for a silence.
async fn falls(silence: &mut watch::Receiver<usize>) {
    if silence.wait_for(|asks| *asks > 0).await.is_err() {
        std::future::pending().await // the asker is gone, and this session with it
    }
}

/// A task that panicked is a fault, too: its request is delivered again, and in the end alone.
fn settled(done: Result<Result<(), Fault>, tokio::task::JoinError>) -> Result<(), Fault> {
    done.unwrap_or_else(|panic| {
        Err(Fault::Broker { step: "handle a request", reason: panic.to_string() })
    })
}
