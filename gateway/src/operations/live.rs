//! The operations page, live: once a second what it shows, to a bounded number of listeners.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::fresh::Fresh;
use super::observer::Observer;
use crate::pages::operations;
use crate::shares::Shares;

/// The most listeners.
const LISTENERS: usize = 256;
/// How often they are told.
const EVERY: Duration = Duration::from_secs(1);
/// How long what was drawn is sent to others, too.
const FRESH: Duration = Duration::from_millis(900);
/// After how many milliseconds a client comes back when its stream has ended.
pub(super) const RETRY: &str = "retry: 1000\n";

/// The operations page for everybody who listens.
pub(super) struct Live {
    observer: Arc<Observer>,
    listeners: Mutex<Shares>,
    /// One listener draws; the others wait, and send the same.
    drawn: Fresh<Bytes>,
}

/// A place among the listeners; it is given back when it is dropped.
struct Place {
    live: Arc<Live>,
    client: Option<IpAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.listeners().give_back(self.client, 1);
    }
}

impl Live {
    pub(super) fn new(observer: Arc<Observer>) -> Self {
        let listeners = Mutex::new(Shares::new(LISTENERS));
        Self { observer, listeners, drawn: Fresh::new(FRESH) }
    }

    fn listeners(&self) -> MutexGuard<'_, Shares> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this client is told until the stop, for `lasting` at most. `None`: too many listen.
    pub(super) fn listen(
        self: &Arc<Self>,
        client: Option<IpAddr>,
        lasting: Duration,
        stop: &CancellationToken,
    ) -> Option<impl Stream<Item = Result<Bytes, Infallible>> + use<>> {
        let mut listeners = self.listeners();
        if !listeners.may_take(client, 1) {
            return None;
        }
        listeners.take(client, 1);
        drop(listeners);
        let place = Place { live: Arc::clone(self), client };
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let listener = Listener { place, ticks, until: Instant::now() + lasting };
        let stop = stop.clone();
        Some(stream::unfold(listener, move |mut listener| {
            let stop = stop.clone();
            async move {
                let text = stop.run_until_cancelled(listener.next()).await.flatten()?;
                Some((Ok(text), listener))
            }
        }))
    }

    /// What the page shows now, as a server-sent event.
    async fn drawn(&self) -> Bytes {
        let draw = async { event(&operations::now(&self.observer.operations().await)) };
        self.drawn.or(draw).await
    }
}

struct Listener {
    place: Place,
    ticks: Interval,
    until: Instant,
}

impl Listener {
    async fn next(&mut self) -> Option<Bytes> {
        self.ticks.tick().await;
        if Instant::now() >= self.until {
            return None;
        }
        Some(self.place.live.drawn().await)
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
