//! One listener.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use schemas::{CreatedAt, Mission};
use store::Cursor;
use time::OffsetDateTime;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::reader::{SETTLED, beginning, earlier};
use super::{AT_LEAST, Batch, Deaf, Feed, LISTENERS, text};

/// A comment, so that proxies and clients see that the stream is alive.
const HEARTBEAT: &[u8] = b": still here\n\n";
/// How often it is sent when there is nothing else to send.
const HEARTBEATS: Duration = Duration::from_secs(15);
/// After how many milliseconds a client comes back when its stream has ended.
pub(crate) const RETRY: &str = "retry: 1000\n";

/// How many rows a listener reads at once when it reads the table itself.
const PAGE: u16 = 256;

/// One listener; it leaves when it is dropped.
pub(crate) struct Listener {
    place: Place,
    batches: broadcast::Receiver<Batch>,
    /// What is sent first.
    greeting: Option<Bytes>,
    /// It was told every mission up to here, or began to listen here.
    settled: Cursor,
    /// How far it has read the table itself, while it does so.
    behind: Option<Cursor>,
    until: Instant,
    stop: CancellationToken,
}

/// A place among the listeners.
struct Place(Arc<Feed>);

impl Place {
    fn take(feed: &Arc<Feed>) -> Option<Self> {
        let taken = feed.state.send_if_modified(|state| {
            let free = state.listeners < LISTENERS;
            state.listeners += usize::from(free);
            free
        });
        taken.then(|| Self(Arc::clone(feed)))
    }
}

impl Drop for Place {
    /// The last listener ends the reading, in one step. Whoever comes next waits for a new reading.
    fn drop(&mut self) {
        self.0.state.send_modify(|state| {
            state.listeners -= 1;
            if state.listeners == 0 {
                state.session += 1;
                state.settled = None;
            }
        });
    }
}

impl Feed {
    /// The rows after this position.
    async fn page(&self, position: Cursor) -> Result<Vec<Mission>, store::Error> {
        let _turn = self.catching_up.acquire().await; // never closed
        self.store.after(position, PAGE).await
    }
}

impl Listener {
    /// Takes a place, if there is one. What is told from now on waits for the listener.
    pub(super) fn new(
        feed: &Arc<Feed>,
        lasting: Duration,
        stop: &CancellationToken,
    ) -> Result<Self, Deaf> {
        let place = Place::take(feed).ok_or(Deaf::Full)?;
        Ok(Self {
            batches: feed.batches.subscribe(),
            place,
            greeting: None,
            settled: beginning(CreatedAt::truncated(OffsetDateTime::UNIX_EPOCH)),
            behind: None,
            until: Instant::now() + lasting,
            stop: stop.clone(),
        })
    }

    /// The table was read up to `settled`, and it is `now`. A new listener is told the position that
    /// it begins at, so that it can come back there before it was told of any mission. One that
    /// comes back reads the table from 10 s before the mission that it was told last, because rows
    /// are not committed in the order of their time.
    pub(super) fn begin(mut self, last: Option<Cursor>, settled: Cursor, now: CreatedAt) -> Self {
        let position = match last {
            Some(_) => String::new(),
            None => format!("id: {}\n", beginning(now)),
        };
        self.greeting = Some(format!("{RETRY}{position}\n").into());
        self.behind = last.map(|last| beginning(earlier(last.created_at, SETTLED)));
        self.settled = settled;
        self
    }

    /// What it is told, as server-sent events.
    pub(crate) fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut listener| async {
            listener.next().await.map(|text| (Ok(text), listener))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        let (stop, until) = (self.stop.clone(), self.until);
        tokio::select! {
            biased; // else a listener with much to read would outlive its time
            () = stop.cancelled() => None,
            () = sleep_until(until) => None,
            text = self.told() => text,
            () = sleep(HEARTBEATS) => Some(Bytes::from_static(HEARTBEAT)),
        }
    }

    async fn told(&mut self) -> Option<Bytes> {
        loop {
            while let Some(position) = self.behind {
                let Ok(rows) = self.place.0.page(position).await else {
                    sleep(AT_LEAST).await; // the feed logs why
                    return Some(Bytes::from_static(HEARTBEAT));
                };
                let more = rows.len() >= PAGE.into();
                self.behind = rows.last().filter(|_| more).map(Cursor::from);
                if !rows.is_empty() {
                    return Some(text(&rows.iter().collect::<Vec<&Mission>>()));
                }
            }
            match self.batches.recv().await {
                Ok(batch) => {
                    self.settled = batch.settled;
                    return Some(batch.text);
                }
                Err(RecvError::Lagged(_)) => self.catch_up(),
                Err(RecvError::Closed) => return None, // never: the feed lives as long as its listeners
            }
        }
    }

    /// It was too slow: it reads the table from the position up to which it was told everything, and
    /// then goes on with what is told from now on.
    fn catch_up(&mut self) {
        self.behind = Some(self.settled);
        // Read before subscribing again, so that nothing is missed between the two.
        if let Some(settled) = self.place.0.state.borrow().settled {
            self.settled = settled;
        }
        self.batches = self.batches.resubscribe();
    }
}
