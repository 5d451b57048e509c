//! Looks at the queues, once a second at most, and only while somebody wants to see them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Depth, Fault, Link};
use schemas::topology::{QUEUES, Queue};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// The shortest pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// For how long after somebody wanted to see the queues it is looked.
const WANTED: Duration = Duration::from_secs(5);
/// How old what is shown may be,
const FRESH: Duration = Duration::from_secs(3);
/// and how long somebody who wants to see it waits for a look.
const WAIT: Duration = Duration::from_millis(500);
/// How many looks of each queue are kept: those of a minute.
const HISTORY: usize = 60;

/// What was seen of the queues.
pub(super) struct Depths {
    wanted: watch::Sender<Option<Instant>>,
    looked: watch::Sender<Option<Instant>>,
    seen: Mutex<HashMap<&'static str, Seen>>,
}

/// What was seen of one queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// `None`: it does not exist, or this gateway may not look.
    pub(super) depth: Option<Depth>,
    pub(super) history: VecDeque<u64>,
}

impl Depths {
    pub(super) fn new() -> Self {
        let (wanted, looked) = (watch::Sender::new(None), watch::Sender::new(None));
        Self { wanted, looked, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<&'static str, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the queues looked at, and waits half a second at most for the first look.
    pub(super) async fn want(&self) {
        self.wanted.send_replace(Some(Instant::now()));
        let mut looked = self.looked.subscribe();
        let fresh = |looked: &Option<Instant>| looked.is_some_and(|at| at.elapsed() < FRESH);
        let _ = timeout(WAIT, looked.wait_for(fresh)).await; // then what is old is left out
    }

    /// What was seen of this queue lately.
    pub(super) fn of(&self, queue: Queue) -> Seen {
        let is_fresh = self.looked.borrow().is_some_and(|at| at.elapsed() < FRESH);
        if !is_fresh {
            return Seen::default();
        }
        self.seen().get(queue.name).cloned().unwrap_or_default()
    }

    /// Looks at the queues on this connection whenever somebody wants to see them.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(super) async fn look(&self, link: &Link) -> Result<(), Fault> {
        let mut wanted = self.wanted.subscribe();
        let is_wanted = |wanted: &Option<Instant>| wanted.is_some_and(|at| at.elapsed() < WANTED);
        // It cannot fail: the sender lives as long as this value.
        while wanted.wait_for(is_wanted).await.is_ok() {
            for queue in QUEUES {
                let depth = link.depth(queue).await?;
                self.note(queue, depth);
            }
            self.looked.send_replace(Some(Instant::now()));
            sleep(PAUSE).await;
        }
        Ok(())
    }

    fn note(&self, queue: Queue, depth: Option<Depth>) {
        let mut all = self.seen();
        let seen = all.entry(queue.name).or_default();
        seen.depth = depth;
        match depth {
            Some(depth) => {
                if seen.history.len() >= HISTORY {
                    seen.history.pop_front();
                }
                seen.history.push_back(depth.messages);
            }
            None => seen.history.clear(),
        }
    }
}
