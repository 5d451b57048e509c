//! The operations page, live: once a second what it shows, to a bounded number of listeners.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::observer::Observer;
use crate::event_stream::{self, Counts, Place, RETRY};
use crate::fresh::Fresh;
use crate::pages::operations;
use crate::shares::Shares;

/// How often they are told.
const EVERY: Duration = Duration::from_secs(1);
/// How long what was drawn is sent to others, too.
const FRESH: Duration = Duration::from_millis(900);
/// The operations page for everybody who listens.
pub(super) struct Live {
    observer: Arc<Observer>,
    listeners: Mutex<Shares>,
    /// One listener draws; the others wait, and send the same.
    drawn: Fresh<Bytes>,
}

impl Counts for Live {
    fn join(&self, client: Option<IpAddr>) -> bool {
        let mut listeners = self.listeners();
        let is_free = listeners.may_take(client, 1);
        if is_free {
            listeners.take(client, 1);
        }
        is_free
    }

    fn leave(&self, client: Option<IpAddr>) {
        self.listeners().give_back(client, 1);
    }
}

impl Live {
    pub(super) fn new(observer: Arc<Observer>) -> Self {
        let listeners = Mutex::new(event_stream::places());
        Self { observer, listeners, drawn: Fresh::new(FRESH) }
    }

    fn listeners(&self) -> MutexGuard<'_, Shares> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to listen on behalf of a client; `None` if too many listen.
    pub(super) fn listen(live: &Arc<Self>, client: Option<IpAddr>) -> Option<Listener> {
        let place = Place::take(live, client)?;
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(Listener { place, ticks })
    }

    /// What the page shows now, as a server-sent event.
    async fn drawn(&self) -> Bytes {
        let draw = async { event(&operations::now(&self.observer.operations().await)) };
        self.drawn.or(draw).await
    }
}

/// One listener; it leaves when it is dropped.
pub(super) struct Listener {
    place: Place<Live>,
    ticks: Interval,
}

impl event_stream::Listener for Listener {
    async fn next(&mut self) -> Option<Bytes> {
        self.ticks.tick().await;
        Some(self.place.of().drawn().await)
    }
}

/// A page as a server-sent event: each of its lines is one of the event.
fn event(html: &str) -> Bytes {
    let mut text = format!("{RETRY}event: operations\n");
    for line in html.lines() {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.into()
}
