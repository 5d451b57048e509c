//! Events: published beside the replies, on a connection of their own. What becomes of an event
//! never ends the session of whoever announces it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures_util::future::try_join_all;
use schemas::topology;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Broker, Envelope, Event, Fault, Health, Publisher, supervise};

/// Events that wait to be published; more of them are dropped.
const WAITING: usize = 4_096;
/// Events that are published at once: one that awaited the one before it would cost four times as
/// much.
const AT_ONCE: usize = 1_024;
/// How long an event may wait for others, which are published with it.
const GATHER: Duration = Duration::from_millis(20);
/// After the end of a role its last events are published within this time, or not at all.
const LAST: Duration = Duration::from_secs(2);

/// Takes events to be published. Events are hints: they may be lost, which is logged, and they may
/// be delivered twice.
pub(crate) struct Events {
    role: &'static str,
    waiting: mpsc::Sender<Waiting>,
    dropped: AtomicU64,
}

struct Waiting {
    key: String,
    envelope: Envelope,
    body: Vec<u8>,
}

impl Events {
    /// Publishes an event. It does not wait.
    pub(crate) fn announce(&self, envelope: Envelope, event: Event) {
        let waiting = Waiting { key: event.key, envelope, body: event.body };
        let waits = self.waiting.try_send(waiting).is_ok();
        let outcome = if waits { telemetry::Event::Published } else { telemetry::Event::Dropped };
        telemetry::process().events.of(outcome).one();
        if waits {
            self.say_what_was_dropped();
        } else if self.dropped.fetch_add(1, Relaxed) == 0 {
            tracing::warn!(role = self.role, "events are dropped: none can be published for now");
        }
    }

    fn say_what_was_dropped(&self) {
        if self.dropped.load(Relaxed) > 0 {
            let dropped = self.dropped.swap(0, Relaxed);
            tracing::warn!(role = self.role, dropped, "events are published again");
        }
    }
}

/// Runs a role that announces events, and publishes them until it has ended.
pub(crate) async fn beside<F: Future<Output = ()>>(
    broker: &Broker,
    role: &'static str,
    run: impl FnOnce(Events) -> F,
) {
    let (waiting, receiver) = mpsc::channel(WAITING);
    let stop = CancellationToken::new();
    let publishing = async {
        let receiver = tokio::sync::Mutex::new((receiver, Vec::new()));
        supervise(&format!("{role} events"), &Health::default(), &stop, || async {
            let (receiver, waiting) = &mut *receiver.lock().await;
            session(broker, role, receiver, waiting).await
        })
        .await;
    };
    let running = async {
        run(Events { role, waiting, dropped: AtomicU64::new(0) }).await;
        // The publishing ends by itself when nothing waits any more.
        sleep(LAST).await;
        stop.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        biased;
        () = publishing => {}
        () = running => {}
    }
}

/// Publishes until nobody announces any more. What waits survives the session.
async fn session(
    broker: &Broker,
    role: &str,
    receiver: &mut mpsc::Receiver<Waiting>,
    waiting: &mut Vec<Waiting>,
) -> Result<(), Fault> {
    // Only when there is something to say: most roles have no events.
    if waiting.is_empty() && receiver.recv_many(waiting, AT_ONCE).await == 0 {
        return Ok(());
    }
    let link = broker.open_declared(&format!("{role} events")).await?;
    let publisher = link.publisher().await?;
    loop {
        tokio::select! {
            biased;
            fault = link.lost() => return Err(fault),
            published = publish(&publisher, waiting) => published?,
        }
        waiting.clear();
        let more = tokio::select! {
            biased;
            fault = link.lost() => return Err(fault),
            more = gather(receiver, waiting) => more,
        };
        if more == 0 {
            link.close().await;
            return Ok(());
        }
    }
}

/// Waits for an event, and for those that follow it soon: the replies to callers go first. Returns how
/// many there are; none when nobody announces any more.
async fn gather(receiver: &mut mpsc::Receiver<Waiting>, waiting: &mut Vec<Waiting>) -> usize {
    if receiver.recv_many(waiting, AT_ONCE).await == 0 {
        return 0;
    }
    sleep(GATHER).await;
    while waiting.len() < AT_ONCE
        && let Ok(event) = receiver.try_recv()
    {
        waiting.push(event);
    }
    waiting.len()
}

async fn publish(publisher: &Publisher, waiting: &[Waiting]) -> Result<(), Fault> {
    if let [one] = waiting {
        return one.publish(publisher).await; // without a list of futures
    }
    try_join_all(waiting.iter().map(|each| each.publish(publisher))).await.map(drop)
}

impl Waiting {
    async fn publish(&self, publisher: &Publisher) -> Result<(), Fault> {
        publisher.send(topology::EVENTS, &self.key, &self.envelope, &self.body).await
    }
}
