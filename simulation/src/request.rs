//! What callers ask for.

use std::time::Duration;

use schemas::{CallerRequest, IdempotencyKey, MissionId};
use uuid::Uuid;

/// One request of a caller.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its number, which makes its ids.
    pub number: usize,
    /// When it is made.
    pub at: Duration,
    /// For how many missions.
    pub missions: usize,
    /// Over which way.
    pub how: How,
    /// The database refuses the row of its last mission.
    pub refused: bool,
    /// A decider that asks for the parts of its last mission dies.
    pub deadly: bool,
}

/// Over which way a caller asks.
#[derive(Debug, Clone)]
pub enum How {
    /// From a gateway.
    Http(Http),
    /// From the request queue.
    Amqp(Amqp),
}

/// A request over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    /// From which gateway.
    pub gateway: usize,
    /// With an `Idempotency-Key`.
    pub keyed: bool,
    /// It prefers to wait so many seconds.
    pub wait: Option<u64>,
    /// After how long it hangs up.
    pub hangs_up: Option<Duration>,
    /// How often it repeats a request that brought no missions.
    pub repeats: usize,
    /// Its body is wrong.
    pub bad: bool,
}

/// A request over AMQP.
#[derive(Debug, Clone)]
pub struct Amqp {
    /// It has a queue for the reply.
    pub replies: bool,
    /// Its return address is one of ours.
    pub forged: bool,
    /// Its body is wrong.
    pub bad: bool,
    /// After how many milliseconds it expires.
    pub expires: Option<u64>,
    /// How often it is sent once more.
    pub repeats: usize,
}

impl Planned {
    /// The key of a request over HTTP.
    pub(crate) fn key(&self) -> String {
        format!("request-{}", self.number)
    }

    /// The missions that it means; none if only the gateway knows them.
    pub(crate) fn ids(&self) -> Vec<MissionId> {
        let request = match &self.how {
            How::Http(Http { keyed: false, .. }) => return Vec::new(),
            How::Http(_) => {
                let key: Result<IdempotencyKey, _> = self.key().parse();
                let Ok(key) = key else { return Vec::new() };
                CallerRequest::keyed(&key)
            }
            How::Amqp(_) => CallerRequest::new(Uuid::from_u128((self.number as u128 + 1) << 64)),
        };
        request.missions(self.missions).collect()
    }

    /// Whether it is one that nobody can carry out.
    pub(crate) fn is_bad(&self) -> bool {
        match &self.how {
            How::Http(http) => http.bad,
            How::Amqp(amqp) => amqp.bad || amqp.forged,
        }
    }
}
