//! Requests whose verdict a full queue does not let through. They are held beside the work, so that
//! they stop nobody, until the queue has room.

use std::time::Duration;

use bus::Fault;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::notices::{Notices, Topic};
use super::settle::{Full, Settle, Unsettled};
use super::triage::Verdict;

/// Requests that wait at a time. When there are more, those that bring one wait with it.
const MOST: usize = 256;
/// How long a full queue is left alone before the next try.
const PAUSE: Duration = Duration::from_secs(1);
/// A request that has waited this long goes to the end of the request queue. This is far below the
/// time after which RabbitMQ ends a consumer that does not acknowledge (30 minutes).
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How long the waiting goes on after a stop.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// Brings requests to those that wait. Cheap to clone.
#[derive(Clone)]
pub(super) struct Waiting(mpsc::Sender<Unsettled>);

/// The requests that wait.
pub(super) struct Held {
    arriving: mpsc::Receiver<Unsettled>,
    held: Vec<Unsettled>,
}

/// A place to wait.
pub(super) fn waiting() -> (Waiting, Held) {
    let (sender, arriving) = mpsc::channel(1);
    (Waiting(sender), Held { arriving, held: Vec::new() })
}

impl Waiting {
    /// Has the request wait. Returns when there is room for it.
    pub(super) async fn admit(&self, unsettled: Unsettled) {
        // If nobody receives, the session is over and the request is delivered again.
        let _ = self.0.send(unsettled).await;
    }
}

impl Held {
    /// Tries again every second until nobody brings requests any more and all are settled. After
    /// a stop it goes on for 8 s; then what is left stays with the broker, which delivers it again.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(super) async fn run(
        mut self,
        settle: &Settle,
        notices: &Notices,
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let mut next = Instant::now();
        let mut open = true;
        let last = async {
            stop.cancelled().await;
            tokio::time::sleep(LAST_WAIT).await;
        };
        tokio::pin!(last);
        while open || !self.held.is_empty() {
            tokio::select! {
                biased; // it ends: at most so many arrive
                arrived = self.arriving.recv(), if open && self.held.len() < MOST => match arrived {
                    Some(unsettled) => self.held.push(unsettled),
                    None => open = false,
                },
                () = sleep_until(next), if !self.held.is_empty() => {
                    self.try_all(settle, notices).await?;
                    next = Instant::now() + PAUSE;
                }
                () = &mut last, if !open => break,
            }
        }
        self.give_up(settle).await
    }

    async fn try_all(&mut self, settle: &Settle, notices: &Notices) -> Result<(), Fault> {
        let (mut dead_letters_full, mut requests_full) = (false, false);
        for mut unsettled in std::mem::take(&mut self.held) {
            if unsettled.taken.received.elapsed() >= LONGEST {
                unsettled.verdict = Verdict::HandBack;
            }
            let skip = match unsettled.verdict {
                Verdict::SetAside(_) => dead_letters_full,
                _ => requests_full,
            };
            if !skip {
                match settle.carry_out(&mut unsettled).await? {
                    Ok(_) => continue,
                    Err(Full::DeadLetters) => dead_letters_full = true,
                    Err(Full::Requests) => requests_full = true,
                }
            }
            self.held.push(unsettled);
        }
        let full = |is_full: bool, what: &str| is_full.then(|| what.to_owned());
        notices.set(Topic::DeadLetters, full(dead_letters_full, DEAD_LETTERS_FULL));
        notices.set(Topic::Requests, full(requests_full, REQUESTS_FULL));
        Ok(())
    }

    /// Hands back what is left, once; what cannot be handed back stays with the broker.
    async fn give_up(self, settle: &Settle) -> Result<(), Fault> {
        let mut left = 0;
        for mut unsettled in self.held {
            unsettled.verdict = Verdict::HandBack;
            if left > 0 || settle.carry_out(&mut unsettled).await?.is_err() {
                left += 1;
            }
        }
        if left > 0 {
            tracing::warn!(left, "stopping with requests unsettled: they are delivered again");
        }
        Ok(())
    }
}

const DEAD_LETTERS_FULL: &str =
    "waiting for room in the dead letter queue: empty it, then the failed requests move there";
const REQUESTS_FULL: &str = "waiting for room in the request queue";
