//! What is heard of every process and seen of this one, and the facts that follow from it.

use std::time::Duration;

use schemas::operations::{QueueState, ReplicaState, RoleState};
use schemas::topology::{DEAD_LETTERS, QUEUES, Queue, QueueKind, REQUEST_QUEUE};
use schemas::{Role, Status};
use tokio::time::Instant;

use super::depths::Depths;
use super::incidents::Incidents;
use super::registry::Registry;
use super::verdict::{DeadLetters, Facts};

/// What is heard and seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) registry: Registry,
    pub(super) incidents: Incidents,
    /// Since when the status of every process is heard.
    pub(super) listening: Option<Instant>,
    /// Since when this gateway has no session.
    away: Option<Instant>,
    /// Why the database could not be used, when it was looked at last.
    pub(super) database: Option<&'static str>,
}

impl Seen {
    /// Notes whether this gateway has a session.
    pub(super) fn note_session(&mut self, is_up: bool, now: Instant) {
        self.away = (!is_up).then(|| self.away.unwrap_or(now));
    }

    /// The facts; `callers` wait for missions of this gateway.
    pub(super) fn facts(
        &self,
        away: Option<String>,
        depths: &Depths,
        callers: u64,
        now: Instant,
    ) -> Facts {
        let since = |then: Option<Instant>| {
            then.map_or(0, |then| now.saturating_duration_since(then).as_secs())
        };
        let roles = self.registry.roles(self.listening, now);
        let queues: Vec<_> = QUEUES.iter().map(|queue| state(*queue, depths, &roles)).collect();
        let waits = |queue: &&QueueState| queue.name == REQUEST_QUEUE.name;
        let queued = queues.iter().find(waits).and_then(|queue| queue.messages).unwrap_or(0);
        let in_flight = self.registry.in_flight(Role::Decider, now);
        Facts {
            broker: away.map(|why| (why, since(self.away))),
            database: self.database,
            now: None,
            listening: since(self.listening),
            // A caller of this gateway waits in a queue or at a decider; others do so, too.
            waiting: (queued + in_flight).max(callers),
            dead_letters: DeadLetters::Unseen, // they are looked at only while somebody asks
            roles,
            queues,
        }
    }

    /// The names of the roles of which no process is there, if that is known.
    pub(super) fn silent_roles(&self, now: Instant) -> Vec<&'static str> {
        let known = self.listening.is_some_and(|since| {
            now.saturating_duration_since(since) >= Duration::from_secs(Status::GONE)
        });
        if !known {
            return Vec::new();
        }
        let roles = self.registry.roles(self.listening, now);
        let is_silent = |state: &&RoleState| {
            let mut states = state.replicas.iter().map(|replica| replica.state);
            state.role != Role::Gateway && !states.any(ReplicaState::is_present)
        };
        roles.iter().filter(is_silent).map(|state| state.role.name()).collect()
    }
}

/// The state of a queue.
fn state(queue: Queue, depths: &Depths, roles: &[RoleState]) -> QueueState {
    let seen = depths.of(queue);
    let reads = |state: &&RoleState| state.role.duties().reads.contains(&queue);
    QueueState {
        name: queue.name.to_owned(),
        exchange: queue.source.name.to_owned(),
        messages: seen.depth.map(|depth| depth.messages),
        consumers: seen.depth.map(|depth| depth.consumers),
        most: match queue.kind {
            QueueKind::Quorum { max_length, .. } => Some(max_length.into()),
            QueueKind::Transient { .. } | QueueKind::Replicated { .. } => None,
        },
        // Letters are no missions.
        rate: roles
            .iter()
            .find(reads)
            .filter(|_| queue.source != DEAD_LETTERS)
            .and_then(|state| state.rate),
        history: seen.history.into(),
    }
}
