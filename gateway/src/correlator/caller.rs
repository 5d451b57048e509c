//! A caller: its request, how far the request has come, and its outcome.

use std::net::IpAddr;

use schemas::{Mission, MissionId, MissionIds, Problem, Role};
use telemetry::Step;
use tokio::sync::oneshot;
use tokio::time::Instant;
use traces::Context;

/// How far a caller's request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Published {
    /// It was not published.
    Never,
    /// It was published; whether the broker has it is unknown.
    Unknown,
    /// The broker has confirmed it.
    Confirmed,
}

/// How a request ended, for its caller.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All its missions are stored; in its order.
    Stored(Vec<Mission>),
    /// Some of its missions failed: those that the problem names.
    Problem(Problem),
    /// The broker did not take the request.
    Refused,
}

/// A caller's trace (W3C Trace Context).
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) parent: Context,
    pub(crate) state: Option<String>,
}

/// A caller that wants to be admitted.
pub(crate) struct Admission {
    pub(crate) ids: MissionIds,
    /// Whether the ids are made from a key, so that another request may ask for the same ones.
    pub(crate) keyed: bool,
    pub(crate) trace: Option<Trace>,
    /// Whose share it takes; none behind a trusted proxy that does not name its client.
    pub(crate) client: Option<IpAddr>,
}

/// A caller that waits.
pub(super) struct Caller {
    pub(super) ids: Vec<MissionId>,
    /// Its ids are made from a key, so the request may be repeated.
    pub(super) keyed: bool,
    pub(super) stored: Vec<Option<Mission>>,
    pub(super) missing: usize,
    pub(super) published: Published,
    /// When it was put into a message last.
    pub(super) published_at: Option<Instant>,
    /// It was published again because later callers had their replies.
    pub(super) repeated: bool,
    /// How often it was put into a message.
    pub(super) attempts: u32,
    /// Its place in the queue, if it is to be published.
    pub(super) queued: Option<u64>,
    /// It waits for the broker's confirm only.
    pub(super) confirm_is_enough: bool,
    pub(super) trace: Option<Trace>,
    pub(super) client: Option<IpAddr>,
    pub(super) since: Instant,
    pub(super) outcome: oneshot::Sender<Result<Outcome, Published>>,
}

impl Caller {
    /// Counts its missions, which are stored.
    pub(super) fn count_stored(&self) {
        let gateway = telemetry::of(Role::Gateway);
        gateway.missions.add(self.ids.len() as u64);
        gateway.processed.record(self.since.elapsed());
        if let Some(published) = self.published_at {
            gateway.steps.of(Step::Reply).record(published.elapsed());
        }
    }

    /// The missions that it waits for.
    pub(super) fn missing(&self) -> impl Iterator<Item = MissionId> {
        let missions = self.ids.iter().zip(&self.stored);
        missions.filter(|(_, stored)| stored.is_none()).map(|(id, _)| *id)
    }
}
