//! What a decider waits for while it goes on, as its readiness shows it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bus::Health;

/// What may be missing while the session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    /// Replies with the parts of missions.
    Parts,
    /// Replies of a persister.
    Persister,
    /// Room in the queue of dead letters.
    DeadLetters,
    /// Room in the queue of requests.
    Requests,
}

/// The notices of one session; each is logged when it changes and shown by readiness.
pub(super) struct Notices {
    health: Health,
    current: Mutex<BTreeMap<Topic, String>>,
}

impl Notices {
    pub(super) fn new(health: Health) -> Self {
        Self { health, current: Mutex::default() }
    }

    /// Notes what is missing, or with `None` that nothing is.
    pub(super) fn set(&self, topic: Topic, missing: Option<String>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match &missing {
            Some(missing) => current.insert(topic, missing.clone()),
            None => current.remove(&topic),
        };
        if before == missing {
            return;
        }
        match (&missing, before) {
            (Some(missing), _) => tracing::warn!("{missing}"),
            (None, Some(before)) => tracing::info!("no longer {before}"),
            (None, None) => {}
        }
        let all: Vec<_> = current.values().map(String::as_str).collect();
        if all.is_empty() {
            self.health.up();
        } else {
            self.health.degraded(&all.join("; "));
        }
    }
}

#[cfg(test)]
mod tests {
    use bus::State;

    use super::*;

    #[test]
    fn readiness_shows_everything_that_is_missing_and_nothing_else() {
        let health = Health::default();
        let notices = Notices::new(health.clone());
        notices.set(Topic::DeadLetters, Some("the dead letter queue is full".to_owned()));
        notices.set(Topic::Parts, Some("waiting for: letter".to_owned()));
        let both = "waiting for: letter; the dead letter queue is full".to_owned();
        assert_eq!(health.state(), State::Degraded(both));
        notices.set(Topic::Parts, None);
        notices.set(Topic::DeadLetters, None);
        assert_eq!(health.state(), State::Up);
    }
}
