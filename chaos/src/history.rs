//! What callers asked, and what they were told.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A mission, as a reply or a row has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mission {
    pub(crate) id: Uuid,
    pub(crate) dossier: String,
    pub(crate) objective: String,
    pub(crate) target: String,
    pub(crate) casebook: String,
    pub(crate) created_at: String,
}

/// How a caller talks to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Way {
    Http,
    Amqp,
}

/// Why a request is refused by a gateway that is not there: its caller asks another one, as a load
/// balancer does.
pub(crate) const NO_CONNECTION: &str = "no connection";

/// What a caller was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Outcome {
    /// The missions: 201, or a reply.
    Stored(Vec<Mission>),
    /// They will be stored: 202, or the broker's confirm and no reply in time.
    Accepted(Vec<Uuid>),
    /// Nothing was done.
    Refused(String),
    /// An error reply: set aside with a reason.
    SetAside(String),
    /// Nothing that can be relied on: a reset, a time limit, an unconfirmed publish.
    Unknown(String),
}

/// One request and its end.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Told {
    pub(crate) caller: u32,
    pub(crate) way: Way,
    /// Milliseconds since the run began.
    pub(crate) began: u64,
    pub(crate) ended: u64,
    /// The ids, where the caller knew them before.
    pub(crate) ids: Vec<Uuid>,
    /// How many missions were asked for.
    pub(crate) count: usize,
    pub(crate) key: Option<String>,
    pub(crate) outcome: Outcome,
    /// The status with which another gateway answered a read right after a 201.
    pub(crate) read_back: Option<u16>,
}

impl Told {
    /// The ids of the missions that the caller was told, or told that they will be stored.
    pub(crate) fn promised(&self) -> impl Iterator<Item = Uuid> {
        let (stored, accepted) = match &self.outcome {
            Outcome::Stored(missions) => (missions.as_slice(), &[][..]),
            Outcome::Accepted(ids) => (&[][..], ids.as_slice()),
            _ => (&[][..], &[][..]),
        };
        stored.iter().map(|mission| mission.id).chain(accepted.iter().copied())
    }
}

/// A history that callers add to, with the clock of the run.
#[derive(Debug)]
pub(crate) struct History {
    start: Instant,
    told: Mutex<Vec<Told>>,
    latest: [AtomicU64; 2],
}

impl History {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), told: Mutex::default(), latest: Default::default() }
    }

    /// Milliseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn add(&self, told: Told) {
        if matches!(told.outcome, Outcome::Stored(_)) && told.key.is_none() {
            // a key that is asked for again is only read
            let [http, amqp] = &self.latest;
            let latest = if told.way == Way::Http { http } else { amqp };
            latest.fetch_max(told.began, Relaxed);
        }
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }

    /// Whether over both ways a request that began at this time or later got its missions.
    pub(crate) fn served_since(&self, time: u64) -> bool {
        self.latest.iter().all(|latest| latest.load(Relaxed) >= time)
    }

    /// Everything so far.
    pub(crate) fn all(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
