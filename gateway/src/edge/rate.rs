//! How many missions one client may request; every other request counts as one. A bucket of `N`
//! missions refills evenly (GCRA). Of each client only the time is kept at which its bucket will be
//! full again.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use schemas::{Problem, ProblemKind};

use super::client::Client;
use crate::representation::Refusal;

/// Clients that have a bucket each. Above that number, new clients share one bucket.
const CLIENTS: usize = 65_536;
/// Full buckets are removed at most this often.
const SWEEP: Duration = Duration::from_secs(1);

/// A number of missions in a number of seconds, written as `100/60`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    requests: u32,
    seconds: u32,
}

impl Rate {
    /// The time after which one mission more is allowed, in nanoseconds.
    fn interval(self) -> u64 {
        u64::from(self.seconds) * 1_000_000_000 / u64::from(self.requests)
    }
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str, most| text.parse().ok().filter(|n| (1..=most).contains(n));
        let parsed = text.split_once('/').and_then(|(requests, seconds)| {
            Some(Self { requests: number(requests, 1_000_000)?, seconds: number(seconds, 86_400)? })
        });
        parsed.ok_or("write requests/seconds, 1 to 1000000 in 1 to 86400, as 100/60")
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.seconds)
    }
}

/// Counts the missions and the other requests of every client.
pub(crate) struct Limiter {
    rate: Rate,
    policy: HeaderValue,
    began: Instant,
    buckets: Mutex<Buckets>,
}

/// When each bucket will be full again, in nanoseconds since the limiter began.
#[derive(Default)]
struct Buckets {
    clients: HashMap<Client, u64>,
    /// The bucket of all clients that have none of their own.
    others: u64,
    next_sweep: u64,
}

/// What a client has left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Balance {
    admitted: bool,
    /// How many requests may follow at once.
    left: u64,
    /// How long until there is one more.
    wait: Duration,
}

impl Limiter {
    pub(crate) fn new(rate: Rate, began: Instant) -> Self {
        let policy = format!("\"client\";q={};w={}", rate.requests, rate.seconds);
        let policy =
            HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("\"client\""));
        Self { rate, policy, began, buckets: Mutex::default() }
    }

    /// Whether this request is counted. Probes are not: a refused probe would look like a dead gateway.
    /// What a page loads is not: the page that says 429 would have no style.
    pub(super) fn counts(request: &Request) -> bool {
        let path = request.uri().path();
        !(matches!(path, "/livez" | "/readyz" | "/metrics") || path.starts_with("/assets/"))
    }

    /// Counts one request, unless the bucket is empty.
    pub(super) fn count(&self, client: Client, now: Instant) -> Balance {
        let now = self.since_began(now);
        let interval = self.rate.interval();
        let mut buckets = self.buckets();
        let full_at = buckets.bucket_of(client, now);
        let mut owed = full_at.saturating_sub(now);
        let admitted = owed.saturating_add(interval) <= self.bucket();
        if admitted {
            owed += interval;
            *full_at = now.saturating_add(owed);
        }
        drop(buckets);
        self.balance(admitted, owed)
    }

    /// Counts the missions of a list behind the first one, which was counted with the request. A list
    /// may be longer than the bucket: what is missing then is owed, and the client waits for it
    /// afterwards. Refused while an earlier list is owed for.
    fn charge(&self, client: Client, missions: usize, now: Instant) -> Result<(), Balance> {
        let more = u64::try_from(missions).unwrap_or(u64::MAX).saturating_sub(1);
        let now = self.since_began(now);
        let interval = self.rate.interval();
        let bucket = self.bucket();
        let mut buckets = self.buckets();
        let full_at = buckets.bucket_of(client, now);
        let owed = full_at.saturating_sub(now);
        if more > 0 && owed > bucket {
            return Err(self.balance(false, owed));
        }
        *full_at = now.saturating_add(owed).saturating_add(more.saturating_mul(interval));
        Ok(())
    }

    /// What this client has left, without counting anything.
    pub(super) fn look(&self, client: Client, now: Instant) -> Balance {
        let now = self.since_began(now);
        let owed = self.buckets().bucket_of(client, now).saturating_sub(now);
        self.balance(true, owed)
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn since_began(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.began).as_nanos();
        u64::try_from(since).unwrap_or(u64::MAX)
    }

    /// A whole bucket, in nanoseconds.
    fn bucket(&self) -> u64 {
        self.rate.interval().saturating_mul(self.rate.requests.into())
    }

    fn balance(&self, admitted: bool, owed: u64) -> Balance {
        let (interval, bucket) = (self.rate.interval(), self.bucket());
        let left = bucket.saturating_sub(owed) / interval;
        let after_one_more = bucket.saturating_sub((left + 1).saturating_mul(interval));
        let wait = Duration::from_nanos(owed.saturating_sub(after_one_more));
        Balance { admitted, left, wait }
    }

    /// 429, and when to come again; `None` if the request may pass.
    pub(super) fn refused(&self, balance: &Balance) -> Option<Refusal> {
        (!balance.admitted).then(|| self.refusal(balance))
    }

    fn refusal(&self, balance: &Balance) -> Refusal {
        let Rate { requests, seconds } = self.rate;
        let wait = whole_seconds(balance.wait);
        let detail = format!(
            "one client may request {requests} missions in {seconds} s, and every other request \
             counts as one: come again in {wait} s"
        );
        let problem = Problem::new(ProblemKind::RateLimited, detail);
        Refusal::from(problem).with(header::RETRY_AFTER, &wait.to_string())
    }

    /// draft-ietf-httpapi-ratelimit-headers: within `t` seconds no more than `r` requests pass.
    pub(super) fn tell(&self, balance: &Balance, headers: &mut HeaderMap) {
        headers.insert("ratelimit-policy", self.policy.clone());
        let limit = format!("\"client\";r={};t={}", balance.left, whole_seconds(balance.wait));
        if let Ok(limit) = HeaderValue::try_from(limit) {
            headers.insert("ratelimit", limit);
        }
    }
}

/// The client of one request, whose list of missions is counted when it is read.
#[derive(Clone)]
pub(crate) struct Account {
    limiter: Arc<Limiter>,
    client: Client,
}

impl Account {
    pub(super) fn new(limiter: &Arc<Limiter>, client: Client) -> Self {
        Self { limiter: Arc::clone(limiter), client }
    }

    /// Counts a list of so many missions.
    ///
    /// # Errors
    /// 429, while the client still owes for an earlier list.
    pub(crate) fn charge(&self, missions: usize) -> Result<(), Refusal> {
        let charged = self.limiter.charge(self.client, missions, Instant::now());
        charged.map_err(|balance| self.limiter.refusal(&balance))
    }
}

impl Buckets {
    /// The bucket in which this client's requests are counted.
    fn bucket_of(&mut self, client: Client, now: u64) -> &mut u64 {
        if self.clients.len() >= CLIENTS && !self.clients.contains_key(&client) {
            if now >= self.next_sweep {
                self.clients.retain(|_, full_at| *full_at > now);
                let sweep = u64::try_from(SWEEP.as_nanos()).unwrap_or(u64::MAX);
                self.next_sweep = now.saturating_add(sweep);
            }
            if self.clients.len() >= CLIENTS {
                return &mut self.others;
            }
        }
        self.clients.entry(client).or_default()
    }
}

/// Rounded up, and at least one: a client that comes too early is refused again.
fn whole_seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests;
