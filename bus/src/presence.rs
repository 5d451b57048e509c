//! Presence: a process says every two seconds what it is and how it does, on a connection of its
//! own. What becomes of that never ends the work beside it.

use std::time::Duration;

use schemas::topology::{self, event_queue};
use schemas::{MessageType, Session, Status};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Broker, Envelope, Fault, Health, Publisher, Running, State, together};

const EVERY: Duration = Duration::from_secs(Status::EVERY);
/// After a fault the pause doubles up to this.
const SELDOM: Duration = Duration::from_secs(30);
/// How long after a change the status is published.
const SOON: Duration = Duration::from_millis(500);
/// After the work has ended: how long the last status may take.
const LAST: Duration = Duration::from_secs(1);

/// A process and what is known of it.
pub struct Presence<'a> {
    /// What does not change: its role, its name, its version, since when.
    pub identity: Status,
    /// The state of its session.
    pub health: &'a Health,
    /// Cancelled when it was told to stop.
    pub stop: &'a CancellationToken,
    /// Adds its counters and times to a status.
    pub measure: &'a (dyn Fn(&mut Status) + Send + Sync),
}

impl Presence<'_> {
    /// The status now.
    fn status(&self, broker: &Broker) -> Status {
        let mut status = Status { broker: broker.node(), ..self.identity.clone() };
        (status.session, status.why) = match self.health.state() {
            _ if self.stop.is_cancelled() => (Session::Stopping, None),
            State::Up => (Session::Up, None),
            State::Degraded(why) => (Session::Degraded, Some(why)),
            State::Waiting(why) => (Session::Waiting, Some(why)),
        };
        (self.measure)(&mut status);
        status
    }
}

/// Runs a role to its end, and publishes its status beside it. The status that says that the
/// process has left is the last one.
pub async fn beside(broker: &Broker, presence: &Presence<'_>, running: Running<'_>) {
    let ended = CancellationToken::new();
    let running = async {
        running.await;
        ended.cancel();
    };
    together([Box::pin(running) as Running<'_>, Box::pin(say(broker, presence, &ended))]).await;
}

/// Publishes until the role has ended, over one connection after the other.
async fn say(broker: &Broker, presence: &Presence<'_>, ended: &CancellationToken) {
    let (mut pause, mut said) = (EVERY, String::new());
    while !ended.is_cancelled() {
        let begun = Instant::now();
        let Err(fault) = session(broker, presence, ended).await else { return };
        pause = if begun.elapsed() > SELDOM { EVERY } else { SELDOM.min(pause * 2) };
        // That the broker is away is logged by the role itself.
        let fault = fault.to_string();
        if presence.health.state() == State::Up && fault != said {
            tracing::warn!(fault, "the status of this process could not be published");
            said = fault;
        }
        let health = back(presence.health);
        tokio::select! {
            () = ended.cancelled() => return,
            () = sleep(pause) => {}
            () = health => pause = EVERY,
        }
    }
}

/// Waits until the role itself has a session again, after it had none.
async fn back(health: &Health) {
    let mut health = health.watch();
    let without = |state: &State| matches!(state, State::Waiting(_));
    if health.wait_for(without).await.is_ok() {
        let _ = health.wait_for(|state| !without(state)).await;
    }
}

async fn session(
    broker: &Broker,
    presence: &Presence<'_>,
    ended: &CancellationToken,
) -> Result<(), Fault> {
    let name = format!("{} status", presence.identity.role.name());
    let opening = async {
        let link = broker.open_for_status(&name).await?;
        let publisher = link.publisher().await?;
        Ok((link, publisher))
    };
    // An end must not wait for a broker that does not answer.
    let Some(opened) = ended.run_until_cancelled(opening).await else { return Ok(()) };
    let (link, publisher) = opened?;
    let saying = async {
        let mut moments = Moments::new(presence);
        loop {
            moments.next().await;
            publish(&publisher, &presence.status(broker)).await?;
        }
    };
    tokio::select! {
        () = ended.cancelled() => {}
        fault = link.lost() => return Err(fault),
        said = saying => return said,
    }
    let last = Status { session: Session::Left, why: None, ..presence.status(broker) };
    if timeout(LAST, publish(&publisher, &last)).await.is_ok() {
        link.close().await;
    }
    Ok(())
}

/// When the status is published: every two seconds, and soon after it has changed.
struct Moments<'a> {
    ticks: Interval,
    state: watch::Receiver<State>,
    stop: &'a CancellationToken,
    stopping: bool,
}

impl<'a> Moments<'a> {
    fn new(presence: &'a Presence<'_>) -> Self {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { ticks, state: presence.health.watch(), stop: presence.stop, stopping: false }
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.ticks.tick() => {}
            _ = self.state.changed() => sleep(SOON).await, // it may change again and again
            () = self.stop.cancelled(), if !self.stopping => self.stopping = true,
        }
    }
}

async fn publish(publisher: &Publisher, status: &Status) -> Result<(), Fault> {
    let envelope = Envelope {
        kind: Some(MessageType::Status),
        app_id: Some(status.instance.clone()),
        ..Envelope::default()
    };
    let body = serde_json::to_vec(status).unwrap_or_default(); // our own types always make JSON
    let key = event_queue::status_key(status.role.name());
    publisher.send(topology::EVENTS, &key, &envelope, &body).await
}
