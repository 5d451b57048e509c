//! One listener.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use schemas::{CreatedAt, Mission};
use store::Cursor;
use time::OffsetDateTime;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::sleep;

use super::channel::{Batch, Channel};
use super::reader::{SETTLED, beginning, earlier};
use super::text::text;
use crate::event_stream::{self, ALIVE, Place, RETRY};

/// How long after a failed read a listener that is behind reads the table again.
const AGAIN: Duration = Duration::from_secs(1);

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

/// One listener; it leaves when it is dropped.
pub(crate) struct Listener {
    place: Place<Channel>,
    batches: broadcast::Receiver<Batch>,
    /// What is sent first.
    greeting: Option<Bytes>,
    /// It was told every mission up to here, or began to listen here.
    settled: Cursor,
    /// How far it has read the table itself, while it does so.
    behind: Option<Cursor>,
}

impl Listener {
    /// Begins to listen, if there is room. What is sent from now on waits for the listener.
    ///
    /// # Errors
    /// There are too many listeners.
    pub(super) fn new(channel: &Arc<Channel>, client: Option<IpAddr>) -> Result<Self, ListenError> {
        let place = Place::take(channel, client).ok_or(ListenError::Full)?;
        Ok(Self {
            batches: channel.batches(),
            place,
            greeting: None,
            settled: beginning(CreatedAt::truncated(OffsetDateTime::UNIX_EPOCH)),
            behind: None,
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

    async fn told(&mut self) -> Option<Bytes> {
        loop {
            while let Some(position) = self.behind {
                let Ok(rows) = self.place.of().page(position).await else {
                    sleep(AGAIN).await; // the feed logs why
                    return Some(ALIVE);
                };
                self.behind = rows.next();
                if !rows.missions.is_empty() {
                    return Some(text(&rows.missions.iter().collect::<Vec<&Mission>>()));
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
        if let Some(settled) = self.place.of().settled() {
            self.settled = settled;
        }
        self.batches = self.batches.resubscribe();
    }
}

impl event_stream::Listener for Listener {
    async fn next(&mut self) -> Option<Bytes> {
        match self.greeting.take() {
            Some(greeting) => Some(greeting),
            None => self.told().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_client_leaves_listeners_for_the_others() {
        let store = store::Store::new(&"sqlite:no-such-folder/never-opened".parse().unwrap());
        let channel = Arc::new(Channel::new(store));
        let listen = |last: u8| Listener::new(&channel, Some(IpAddr::from([203, 0, 113, last])));
        let greedy: Vec<_> = (0..256).filter_map(|_| listen(1).ok()).collect();
        assert_eq!(greedy.len(), 128);
        assert!(listen(2).is_ok());
        drop(greedy);
        assert!(listen(1).is_ok());
    }
}
