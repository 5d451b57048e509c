//! The channel between the feed, which reads the table, and its listeners.

use std::net::IpAddr;

use bytes::Bytes;
use schemas::Mission;
use store::{Cursor, Page, Store};
use tokio::sync::{Semaphore, broadcast, watch};

use super::text::text;
use crate::event_stream::{self, Counts};
use crate::shares::Shares;

/// How many batches wait for a slow listener, of at most [`reader::PAGE`](super::reader::PAGE)
/// missions each: at most 21 MB with a little over 300 bytes a mission. A slower listener reads the
/// table itself.
const BATCHES: usize = 64;
/// How many listeners read the table themselves at a time: it has few connections.
const CATCHING_UP: usize = 2;
/// How many rows such a listener reads at once.
const PAGE: u16 = 256;

/// What the feed sends, and who listens.
pub(super) struct Channel {
    store: Store,
    state: watch::Sender<State>,
    batches: broadcast::Sender<Batch>,
    catching_up: Semaphore,
}

/// The listeners, and how far the table was read.
pub(super) struct State {
    listeners: Shares,
    /// Counts up when the last listener leaves, which ends the reading.
    pub(super) session: u64,
    /// Every mission up to here was sent; none until the table is read for the first time.
    pub(super) settled: Option<Cursor>,
}

impl State {
    pub(super) fn has_listeners(&self) -> bool {
        self.listeners.held() > 0
    }
}

/// Missions that are sent together.
#[derive(Clone)]
pub(super) struct Batch {
    pub(super) text: Bytes,
    /// Every mission up to here was sent with this batch or before it.
    pub(super) settled: Cursor,
}

impl Channel {
    /// A channel without listeners. Those that are behind read this store.
    pub(super) fn new(store: Store) -> Self {
        let listeners = event_stream::places();
        let state = watch::Sender::new(State { listeners, session: 0, settled: None });
        let (batches, catching_up) = (broadcast::Sender::new(BATCHES), Semaphore::new(CATCHING_UP));
        Self { store, state, batches, catching_up }
    }

    /// The listeners and the settled position, now and whenever they change.
    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// The position up to which every mission was sent.
    pub(super) fn settled(&self) -> Option<Cursor> {
        self.state.borrow().settled
    }

    /// What is sent from now on.
    pub(super) fn batches(&self) -> broadcast::Receiver<Batch> {
        self.batches.subscribe()
    }

    /// Sends missions to all listeners.
    pub(super) fn send(&self, missions: &[&Mission], settled: Cursor) {
        let _ = self.batches.send(Batch { text: text(missions), settled }); // all may have left
    }

    /// Notes how far the table was read, unless this reading belongs to listeners that have left.
    pub(super) fn settle(&self, session: u64, settled: Cursor) {
        self.state.send_if_modified(|state| {
            let ours = state.session == session;
            if ours {
                state.settled = Some(settled);
            }
            ours
        });
    }

    /// The rows after this position, for a listener that is behind.
    pub(super) async fn page(&self, position: Cursor) -> Result<Page, store::Error> {
        let _turn = self.catching_up.acquire().await; // never closed
        self.store.after(position, PAGE).await
    }
}

impl Counts for Channel {
    fn join(&self, client: Option<IpAddr>) -> bool {
        self.state.send_if_modified(|state| {
            let free = state.listeners.may_take(client, 1);
            if free {
                state.listeners.take(client, 1);
                telemetry::process().listeners.set(state.listeners.held() as i64);
            }
            free
        })
    }

    /// The last one ends the reading, in the same step: whoever comes next
    /// waits for a new reading.
    fn leave(&self, client: Option<IpAddr>) {
        self.state.send_modify(|state| {
            state.listeners.give_back(client, 1);
            telemetry::process().listeners.set(state.listeners.held() as i64);
            if !state.has_listeners() {
                state.session += 1;
                state.settled = None;
            }
        });
    }
}
