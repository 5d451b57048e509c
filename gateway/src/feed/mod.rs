//! The feed: all missions as they are stored, sent to the listeners of this gateway.
//!
//! The table is the truth; an event is only a hint to read it. One [`Reader`] follows the table for all
//! listeners, as long as there are any. A listener that is too slow or that comes back reads the
//! table itself. A mission may be sent twice; it is never left out.

mod hints;
mod listener;
mod reader;
mod recent;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bus::Broker;
use bytes::Bytes;
use schemas::{CreatedAt, Mission, MissionId};
use store::{Cursor, Store};
use time::OffsetDateTime;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::shares::Shares;
use hints::Hints;
pub(crate) use listener::{Listener, RETRY};
use reader::Reader;

/// The most listeners.
const LISTENERS: usize = 256;
/// How many batches wait for a slow listener, of at most [`reader::PAGE`] missions each: at most 21 MB
/// with a little over 300 bytes a mission. A slower listener reads the table itself.
const BATCHES: usize = 64;
/// The shortest pause between two reads of the table, however many hints come,
const AT_MOST: Duration = Duration::from_millis(100);
/// and the longest, without hints.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How many listeners read the table themselves at a time: it has few connections.
const CATCHING_UP: usize = 2;
/// How long a new listener waits until the table is read for the first time.
const PATIENCE: Duration = Duration::from_secs(5);

/// All missions as they are stored, for the listeners of this gateway.
pub(crate) struct Feed {
    store: Store,
    clock: fn() -> OffsetDateTime,
    state: watch::Sender<State>,
    batches: broadcast::Sender<Batch>,
    hints: Hints,
    catching_up: Semaphore,
}

/// The listeners, and how far the table was read.
struct State {
    listeners: Shares,
    /// Counts up when the last listener leaves, which ends the reading.
    session: u64,
    /// Every mission up to here was sent; none until the table is read for the first time.
    settled: Option<Cursor>,
}

/// Missions that are sent together.
#[derive(Clone)]
struct Batch {
    text: Bytes,
    /// Every mission up to here was sent with this batch or before it.
    settled: Cursor,
}

/// Why a client cannot listen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ListenError {
    /// Too many listen, or this client has its share of the listeners.
    Full,
    /// The database does not answer.
    Away,
    /// The gateway stops.
    Stopping,
}

impl Feed {
    /// A feed without listeners. [`run`](Self::run) has to run beside it.
    pub(crate) fn new(store: Store, clock: fn() -> OffsetDateTime) -> Self {
        let listeners = Shares::new(LISTENERS);
        let state = watch::Sender::new(State { listeners, session: 0, settled: None });
        let batches = broadcast::Sender::new(BATCHES);
        let (hints, catching_up) = (Hints::new(), Semaphore::new(CATCHING_UP));
        Self { store, clock, state, batches, hints, catching_up }
    }

    /// Follows the table until `stop`, whenever there are listeners.
    pub(crate) async fn run(&self, broker: &Broker, stop: &CancellationToken) {
        let mut state = self.state.subscribe();
        loop {
            let listened = async {
                state.wait_for(|state| state.listeners.held() > 0).await.map(|state| state.session)
            };
            let Some(Ok(session)) = stop.run_until_cancelled(listened).await else { return };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = state.wait_for(|state| state.session != session) => {}
                () = self.read(session) => {}
                () = self.hints.hear(broker, stop) => {}
            }
        }
    }

    async fn read(&self, session: u64) {
        let mut waiting = false;
        let mut reader = loop {
            match self.begin().await {
                Ok(reader) => break reader,
                Err(error) => say_waiting(&mut waiting, &error),
            }
            tokio::time::sleep(AT_LEAST).await;
        };
        self.hints.late(); // they are about rows that were stored before
        loop {
            self.settle(session, reader.settled());
            self.hints.settled(reader.settled().created_at);
            tokio::time::sleep(AT_MOST).await;
            let _ = tokio::time::timeout(AT_LEAST - AT_MOST, self.hints.arrival()).await;
            let late = self.hints.late();
            match self.read_once(&mut reader, &late).await {
                Ok(()) => waiting = false,
                Err(error) => {
                    self.hints.keep(late);
                    say_waiting(&mut waiting, &error);
                }
            }
        }
    }

    async fn begin(&self) -> Result<Reader, store::Error> {
        Reader::begin(&self.store, self.now().await?).await
    }

    async fn read_once(&self, reader: &mut Reader, late: &[MissionId]) -> Result<(), store::Error> {
        let tell = |missions: &[&Mission], settled| self.tell(missions, settled);
        reader.read(&self.store, self.now().await?, late, tell).await
    }

    fn tell(&self, missions: &[&Mission], settled: Cursor) {
        let _ = self.batches.send(Batch { text: text(missions), settled }); // all listeners may have gone
    }

    /// Notes how far the table was read, unless this reading belongs to listeners that have gone.
    fn settle(&self, session: u64, settled: Cursor) {
        self.state.send_if_modified(|state| {
            let ours = state.session == session;
            if ours {
                state.settled = Some(settled);
            }
            ours
        });
    }

    /// The time on the database's clock, which is the one that rows are stored with.
    async fn now(&self) -> Result<CreatedAt, store::Error> {
        self.store.time(self.clock).await
    }

    /// Begins to listen on behalf of a client: after the mission `last`, or with the next one. The
    /// stream ends after `lasting`, or at the stop, whichever comes first.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub(crate) async fn listen(
        self: &Arc<Self>,
        client: Option<IpAddr>,
        last: Option<Cursor>,
        lasting: Duration,
        stop: &CancellationToken,
    ) -> Result<Listener, ListenError> {
        let listener = Listener::new(self, client, lasting, stop)?;
        let mut state = self.state.subscribe();
        let begun = async {
            let state = state.wait_for(|state| state.settled.is_some()).await;
            let settled = state.ok()?.settled?;
            self.now().await.ok().map(|now| (settled, now))
        };
        tokio::select! {
            () = stop.cancelled() => Err(ListenError::Stopping),
            begun = tokio::time::timeout(PATIENCE, begun) => {
                let (settled, now) = begun.ok().flatten().ok_or(ListenError::Away)?;
                Ok(listener.begin(last, settled, now))
            }
        }
    }
}

fn say_waiting(said: &mut bool, error: &store::Error) {
    if !std::mem::replace(said, true) {
        tracing::warn!(%error, "the feed waits for the database");
    }
}

/// The missions as server-sent events.
fn text(missions: &[&Mission]) -> Bytes {
    let mut text = Vec::with_capacity(missions.len() * 384);
    for mission in missions {
        let id = Cursor::from(*mission);
        text.extend_from_slice(format!("id: {id}\nevent: mission.created\ndata: ").as_bytes());
        // Our own type always makes JSON, and JSON in one line.
        text.extend(serde_json::to_vec(mission).unwrap_or_default());
        text.extend_from_slice(b"\n\n");
    }
    text.into()
}
