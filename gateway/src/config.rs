//! How a gateway behaves.

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::limits::Limits;
use crate::operations::access::Operators;

/// How a gateway behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The most missions of several callers that go into one message: 1..=256. A single caller's
    /// list always travels whole.
    pub batch: usize,
    /// How long a caller waits for its missions before the response is 202.
    pub wait: Duration,
    /// After a stop: how long open connections are still served, each answer with
    /// `Connection: close`, so that a proxy that reuses one is not cut off.
    pub drain: Duration,
    /// How long a stream of events lasts before its client has to connect again.
    pub stream: Duration,
    /// Returns the time, for the addresses of accepted requests and for timelines.
    pub clock: fn() -> OffsetDateTime,
    /// Makes the ids of requests: UUIDv7.
    pub new_id: fn() -> Uuid,
    /// Whether each request for missions is one short line in the log, for whoever watches a
    /// terminal; at most 20 a second.
    pub announce: bool,
    /// What the edge allows, and to whom.
    pub limits: Limits,
    /// Who may see the operations page, and act on it.
    pub operators: Operators,
    /// The name of the database, which all gateways of one system share; empty for a file.
    pub database: String,
    /// Whether the documentation of HTTP has the button that sends a request from its page.
    pub sends: bool,
    /// The drills of the broker, if it has any.
    pub drills: Option<bus::Drills>,
}

#[cfg(test)]
impl Config {
    /// How a gateway behaves in a test.
    pub(crate) fn for_tests() -> Self {
        let wait = Duration::from_secs(10);
        Self {
            batch: 1,
            wait,
            drain: Duration::ZERO,
            stream: wait,
            clock: || OffsetDateTime::UNIX_EPOCH,
            new_id: Uuid::new_v4,
            announce: false,
            limits: Limits::default(),
            operators: Operators::Local,
            database: String::new(),
            sends: true,
            drills: None,
        }
    }
}
