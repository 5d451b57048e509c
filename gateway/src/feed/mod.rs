//! The feed: all missions as they are stored, sent to the listeners of this gateway.
//!
//! The table is the truth; an event is only a hint to read it. One [`Reader`] follows the table for all
//! listeners, as long as there are any. A listener that is too slow or that comes back reads the
//! table itself. A mission may be sent twice; it is never left out.

mod channel;
mod hints;
mod listener;
mod reader;
mod recent;
mod text;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bus::Broker;
use schemas::{CreatedAt, Mission, MissionId};
use store::{Cursor, Store};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use channel::{Channel, State};
use hints::Hints;
pub(crate) use listener::ListenError;
use listener::Listener;
use reader::Reader;

/// The shortest pause between two reads of the table, however many hints come,
const AT_MOST: Duration = Duration::from_millis(100);
/// and the longest, without hints.
const AT_LEAST: Duration = Duration::from_secs(1);
/// How long a new listener waits until the table is read for the first time.
const PATIENCE: Duration = Duration::from_secs(5);

/// All missions as they are stored, for the listeners of this gateway.
pub(crate) struct Feed {
    store: Store,
    clock: fn() -> OffsetDateTime,
    channel: Arc<Channel>,
    hints: Hints,
}

impl Feed {
    /// A feed without listeners. [`run`](Self::run) has to run beside it.
    pub(crate) fn new(store: Store, clock: fn() -> OffsetDateTime) -> Self {
        let channel = Arc::new(Channel::new(store.clone()));
        Self { store, clock, channel, hints: Hints::new() }
    }

    /// Follows the table until `stop`, whenever there are listeners.
    pub(crate) async fn run(&self, broker: &Broker, stop: &CancellationToken) {
        let mut state = self.channel.state();
        loop {
            let listened =
                async { state.wait_for(State::has_listeners).await.map(|state| state.session) };
            let Some(Ok(session)) = stop.run_until_cancelled(listened).await else { return };
            tokio::select! {
                biased;
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
            self.channel.settle(session, reader.settled());
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
        let tell = |missions: &[&Mission], settled| self.channel.send(missions, settled);
        reader.read(&self.store, self.now().await?, late, tell).await
    }

    /// The time on the database's clock, which is the one that rows are stored with.
    async fn now(&self) -> Result<CreatedAt, store::Error> {
        self.store.time(self.clock).await
    }

    /// Begins to listen on behalf of a client: after the mission `last`, or with the next one.
    ///
    /// # Errors
    ///
    /// Why it cannot.
    pub(crate) async fn listen(
        &self,
        client: Option<IpAddr>,
        last: Option<Cursor>,
        stop: &CancellationToken,
    ) -> Result<Listener, ListenError> {
        let listener = Listener::new(&self.channel, client)?;
        let mut state = self.channel.state();
        let begun = async {
            let state = state.wait_for(|state| state.settled.is_some()).await;
            let settled = state.ok()?.settled?;
            self.now().await.ok().map(|now| (settled, now))
        };
        tokio::select! {
            biased;
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
