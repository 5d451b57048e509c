//! One who listens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use schemas::{CreatedAt, Mission};
use store::Cursor;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::reader::{SETTLED, beginning, earlier};
use super::{AT_LEAST, Batch, Deaf, Feed, LISTENERS, text};

/// A line that says nothing, so that proxies and clients see that the stream lives.
const HEARTBEAT: &[u8] = b": still here\n\n";
/// How often it is sent when there is nothing else to say.
const HEARTBEATS: Duration = Duration::from_secs(15);
/// After how many milliseconds a client comes back when its stream has ended.
pub(crate) const RETRY: &str = "retry: 1000\n";

/// Rows that it reads at once when it reads the table itself.
const PAGE: u16 = 256;

/// One who listens; leaves when it is dropped.
pub(crate) struct Listener {
    seat: Seat,
    batches: broadcast::Receiver<Batch>,
    /// What is said before anything else.
    greeting: Option<Bytes>,
    /// Every mission up to here it was told, or shall not be told.
    settled: Cursor,
    /// As long as it is behind: how far it has read the table itself.
    behind: Option<Cursor>,
    until: Instant,
    stop: CancellationToken,
}

/// A place among those who listen.
struct Seat(Arc<Feed>);

impl Seat {
    fn take(feed: &Arc<Feed>) -> Option<Self> {
        let room = feed.state.send_if_modified(|state| {
            let room = state.listeners < LISTENERS;
            state.listeners += usize::from(room);
            room
        });
        room.then(|| Self(Arc::clone(feed)))
    }
}

impl Drop for Seat {
    /// The last one ends the reading, in one step: who comes next waits for the next one.
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
    /// The rows behind this place.
    async fn page(&self, place: Cursor) -> Result<Vec<Mission>, store::Error> {
        let _turn = self.catching_up.acquire().await; // never closed
        self.store.after(place, PAGE).await
    }
}

impl Listener {
    /// Takes a seat. One that comes back reads the table from 10 s before the mission that it was
    /// told last: those that came to stand later than their time were not told in their order.
    pub(super) fn sit(
        feed: &Arc<Feed>,
        behind: Option<Cursor>,
        lasting: Duration,
        stop: &CancellationToken,
    ) -> Result<Self, Deaf> {
        let seat = Seat::take(feed).ok_or(Deaf::Full)?;
        let behind = behind.map(|last| beginning(earlier(last.created_at, SETTLED)));
        Ok(Self {
            batches: feed.batches.subscribe(),
            seat,
            greeting: None,
            settled: beginning(earlier(feed.now(), SETTLED)),
            behind,
            until: Instant::now() + lasting,
            stop: stop.clone(),
        })
    }

    /// The reading has begun, and has come this far. A new listener is told the place that it
    /// begins at, so that it can come back there before it was told of any mission.
    pub(super) fn beginning(mut self, settled: Cursor, now: CreatedAt) -> Self {
        let place = match self.behind {
            Some(_) => String::new(),
            None => format!("id: {}\n", beginning(now)),
        };
        self.greeting = Some(format!("{RETRY}{place}\n").into());
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
            biased; // a listener with much to read would else outlive its time
            () = stop.cancelled() => None,
            () = sleep_until(until) => None,
            text = self.told() => text,
            () = sleep(HEARTBEATS) => Some(Bytes::from_static(HEARTBEAT)),
        }
    }

    async fn told(&mut self) -> Option<Bytes> {
        loop {
            while let Some(place) = self.behind {
                let Ok(rows) = self.seat.0.page(place).await else {
                    sleep(AT_LEAST).await; // the feed says why
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
                Err(RecvError::Closed) => return None, // the feed lives as long as we do
            }
        }
    }

    /// Too slow: reads the table from the place up to which it was told all, and then goes on with
    /// what is told from now on.
    fn catch_up(&mut self) {
        self.behind = Some(self.settled);
        // Before the new beginning, so that nothing falls between the two.
        if let Some(settled) = self.seat.0.state.borrow().settled {
            self.settled = settled;
        }
        self.batches = self.batches.resubscribe();
    }
}
