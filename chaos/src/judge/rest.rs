//! How the system stands at the end.

use super::found::Found;
use crate::evidence::Evidence;
use crate::history::{Mission, Outcome};

/// The most that a process may hold, in KiB; a debug build with two hundred callers needs a fifth.
const MEMORY: u64 = 512 * 1_024;
/// The most tries of a dead letter: the queue's own limit.
const TRIES: u32 = 20;
/// How long the first request after the end may take, in milliseconds.
const SOON: u64 = 5_000;

pub(super) fn conservation(evidence: &Evidence) -> Found {
    let left = evidence.queues.iter().filter(|queue| queue.messages > 0);
    let wrong = left.map(|queue| format!("{} messages are left in {}", queue.messages, queue.name));
    (evidence.queues.len(), wrong.collect())
}

pub(super) fn tries(evidence: &Evidence) -> Found {
    let poor = evidence.letters.iter().filter(|letter| {
        letter.reason.is_empty() || letter.role.is_empty() || letter.tries > TRIES
    });
    (evidence.letters.len(), poor.map(|letter| format!("{letter:?}")).collect())
}

pub(super) fn memory(evidence: &Evidence) -> Found {
    let mut wrong = Vec::new();
    for part in &evidence.parts {
        if part.peak > MEMORY {
            wrong.push(format!("{} held {} KiB", part.name, part.peak));
        }
        if part.held > 0.0 {
            wrong.push(format!("{} still holds {}", part.name, part.held));
        }
    }
    (evidence.parts.len(), wrong)
}

pub(super) fn liveness(evidence: &Evidence) -> Found {
    let late = |millis: u64| millis > SOON;
    let slow = evidence.probes.iter().filter(|p| !p.ready || !p.stored || late(p.millis));
    (evidence.probes.len(), slow.map(|probe| format!("{}: {probe:?}", probe.gateway)).collect())
}

pub(super) fn replay(evidence: &Evidence) -> Found {
    let same = |before: &[Mission], after: &Outcome| match after {
        Outcome::Stored(after) => before == after,
        _ => false,
    };
    let other = evidence.replays.iter().filter(|each| !same(&each.before, &each.after));
    let mut wrong: Vec<String> = other.map(|each| format!("{each:?}")).collect();
    if evidence.replayed_rows > 0 {
        wrong.push(format!("replays added {} rows", evidence.replayed_rows));
    }
    (evidence.replays.len(), wrong)
}

pub(super) fn authority(evidence: &Evidence) -> Found {
    let found =
        (evidence.canary > 0).then(|| format!("{} replies to a forged address", evidence.canary));
    (1, found.into_iter().collect())
}

pub(super) fn secrets(evidence: &Evidence) -> Found {
    (evidence.parts.len(), evidence.leaks.clone())
}
