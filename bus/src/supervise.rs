//! The supervisor: a session ends with its first fault, and the next one begins.

use std::time::Duration;

use schemas::Role;
use seams::chance;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Fault;

/// Whether a role is at work, for readiness and logs. Cheap to clone; all clones share the state.
#[derive(Clone, Debug)]
pub struct Health(watch::Sender<State>);

/// The state of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its session is connected: it consumes.
    Up,
    /// It consumes, and this is missing.
    Degraded(String),
    /// It waits, for this reason.
    Waiting(String),
}

impl Default for Health {
    fn default() -> Self {
        Self(watch::Sender::new(State::Waiting("starting".to_owned())))
    }
}

impl Health {
    /// Records that the session is connected.
    pub fn up(&self) {
        self.0.send_replace(State::Up);
    }

    /// Records that the session consumes while this is missing.
    pub fn degraded(&self, missing: &str) {
        self.0.send_replace(State::Degraded(missing.to_owned()));
    }

    /// Follows the state.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.0.subscribe()
    }

    /// The state now.
    pub fn state(&self) -> State {
        self.0.borrow().clone()
    }

    /// Records why the role waits. Returns whether the reason is new.
    fn is_news(&self, why: String) -> bool {
        self.0.send_if_modified(|state| {
            let waiting = State::Waiting(why);
            let news = *state != waiting;
            *state = waiting;
            news
        })
    }
}

/// The pause before the next session. The longest pause is 100 ms after the first fault and doubles
/// up to 1 s. The pause is random between half of the longest and the longest, so that many
/// processes do not come back at the same moment.
fn pause(faults: u32) -> Duration {
    let longest = 100u64.saturating_mul(1 << faults.min(4)).min(1_000);
    chance::millis(longest / 2..=longest)
}

/// After a session that lasted this long the next pause is short again.
const GOOD: Duration = Duration::from_secs(5);

/// Runs one session after the other. It ends when a session returns without a fault, which a
/// session does after `stop`, or when `stop` is cancelled between two sessions. It logs each new
/// reason to wait once.
pub async fn supervise<S>(
    role: &str,
    health: &Health,
    stop: &CancellationToken,
    mut session: impl FnMut() -> S,
) where
    S: Future<Output = Result<(), Fault>>,
{
    let metrics = Role::parse(role).map(telemetry::of);
    let mut faults = 0;
    loop {
        let begun = Instant::now();
        metrics.inspect(|metrics| metrics.session_begins());
        let ended = session().await;
        let kind = ended.as_ref().err().map(Fault::kind);
        metrics.inspect(|metrics| metrics.session_ends(kind));
        let Err(fault) = ended else { return };
        faults = if begun.elapsed() >= GOOD { 0 } else { faults + 1 };
        if health.is_news(fault.to_string()) {
            tracing::warn!(role, %fault, "waiting for the broker; trying again until it is there");
        }
        let stopped = stop.run_until_cancelled(tokio::time::sleep(pause(faults))).await;
        if stopped.is_none() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_second_and_no_further() {
        for (faults, longest) in [(0, 100), (1, 200), (3, 800), (4, 1_000), (1_000, 1_000)] {
            let pause = pause(faults).as_millis();
            assert!((longest / 2..=longest).contains(&pause), "{faults}: {pause}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_faults_is_begun_again_until_one_ends_well() {
        let (health, stop) = (Health::default(), CancellationToken::new());
        let mut sessions = 0;
        supervise("test", &health, &stop, || {
            sessions += 1;
            let done = sessions == 3;
            async move { if done { Ok(()) } else { Err(Fault::StaleAck) } }
        })
        .await;
        assert_eq!(sessions, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_waiting() {
        let (health, stop) = (Health::default(), CancellationToken::new());
        supervise("test", &health, &stop, || {
            stop.cancel();
            async { Err(Fault::StaleAck) }
        })
        .await;
        assert_eq!(health.state(), State::Waiting(Fault::StaleAck.to_string()));
    }
}
