//! The result of a load.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::latencies::Latencies;

/// The result of a load.
#[derive(Debug, Default)]
pub struct Report {
    /// The status of a good reply.
    pub wanted: Wanted,
    /// The times to every good reply between warm-up and end: from the request, in an open loop from
    /// the time at which it was due.
    pub latencies: Latencies,
    /// The times to every reply with an error status after the warm-up, measured from when its request
    /// was sent.
    pub refusals: Latencies,
    /// How many of the good replies came before the end.
    pub in_time: u64,
    /// Requests of an open loop that were due and not sent, because every connection waited.
    pub unsent: u64,
    /// The number of replies by status, those of the warm-up included.
    pub statuses: BTreeMap<u16, u64>,
    /// Status and body of every reply, if the load keeps them.
    pub bodies: Vec<(u16, String)>,
    /// Connections that could not be made, broke, timed out or spoke no HTTP.
    pub errors: u64,
    /// The first reply of another status, or connection that broke.
    pub first_failure: Option<Failure>,
    /// The longest time from a request to its reply, of any status.
    pub longest: Duration,
    /// The mission ids of all 201 replies, ascending, if the load keeps them; an id that came twice
    /// is listed twice.
    pub ids: Vec<u128>,
    /// The time latencies were recorded.
    pub window: Duration,
}

/// The status that a reply has to have: 201, unless the load reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted(pub u16);

impl Default for Wanted {
    fn default() -> Self {
        Self(201)
    }
}

/// A reply of another status, or a connection that broke.
#[derive(Debug)]
pub struct Failure {
    /// How long after the start of the load.
    pub after: Duration,
    /// The status and the beginning of the body, or what the connection's error says, on one line.
    pub what: String,
}

impl Report {
    /// Fails if a request failed, and names the first failure.
    ///
    /// # Errors
    /// A request failed.
    pub fn without_failure(&self) -> Result<(), String> {
        let Some(first) = &self.first_failure else { return Ok(()) };
        Err(format!("{self}; the first after {:.1} s: {}", first.after.as_secs_f64(), first.what))
    }

    /// How many replies had this status.
    pub fn status(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }

    /// Replies as they were wanted.
    pub fn good(&self) -> u64 {
        self.status(self.wanted.0)
    }

    /// Other replies, and connection errors.
    pub fn failures(&self) -> u64 {
        self.statuses.values().sum::<u64>() - self.good() + self.errors
    }

    /// 201 replies without an id, or with an id that another reply had.
    pub fn impostors(&self) -> u64 {
        let mut distinct = self.ids.clone();
        distinct.dedup();
        self.status(201).saturating_sub(distinct.len() as u64)
    }

    /// Good replies per second, the warm-up left out.
    pub fn rate(&self) -> f64 {
        self.in_time as f64 / self.window.as_secs_f64().max(1e-6)
    }

    /// The latency in milliseconds that this share (0 to 1) of the requests did not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        self.latencies.quantile(share)
    }

    /// A reply of any status.
    pub(super) fn replied(&mut self, status: u16, latency: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.longest = self.longest.max(latency);
    }

    /// A good reply whose latency counts.
    pub(super) fn took(&mut self, latency: Duration, in_time: bool) {
        self.latencies.record(latency);
        self.in_time += u64::from(in_time);
    }

    /// Another reply after the warm-up.
    pub(super) fn refused(&mut self, latency: Duration) {
        self.refusals.record(latency);
    }

    /// A connection broke.
    pub(super) fn broken(&mut self, after: Duration, what: String) {
        self.errors += 1;
        self.failed(after, what);
    }

    pub(super) fn failed(&mut self, after: Duration, what: String) {
        self.first_failure.get_or_insert_with(|| Failure { after, what: plain(&what) });
    }

    pub(super) fn finish(&mut self, window: Duration) {
        self.ids.sort_unstable();
        self.window = window;
    }
}

/// Text of somebody else, without power over the terminal.
fn plain(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    text.trim_end().chars().map(shown).collect()
}

/// As in `9998 of 10000 with 201, 2 failed (503: 1, errors: 1), the longest wait 1.5 s`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (good, failed, wanted) = (self.good(), self.failures(), self.wanted.0);
        write!(f, "{good} of {} with {wanted}, {failed} failed", good + failed)?;
        let others = self.statuses.iter().filter(|(status, _)| **status != wanted);
        let mut others: Vec<_> = others.map(|(status, n)| format!("{status}: {n}")).collect();
        if self.errors > 0 {
            others.push(format!("errors: {}", self.errors));
        }
        if !others.is_empty() {
            write!(f, " ({})", others.join(", "))?;
        }
        write!(f, ", the longest wait {:.1} s", self.longest.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_of_all_connections_is_told() {
        let mut all = Report { longest: Duration::from_millis(1_500), ..Report::default() };
        assert_eq!(all.without_failure(), Ok(()));
        all.statuses = BTreeMap::from([(201, 6)]);
        all.broken(Duration::from_secs(1), "refused".to_owned());
        all.broken(Duration::from_secs(2), "reset".to_owned());
        assert_eq!(
            all.without_failure().unwrap_err(),
            "6 of 8 with 201, 2 failed (errors: 2), the longest wait 1.5 s; \
             the first after 1.0 s: refused"
        );
    }

    #[test]
    fn an_id_seen_twice_is_an_impostor() {
        let mut report = Report { ids: vec![7, 3, 7], ..Report::default() };
        report.statuses = BTreeMap::from([(201, 4), (503, 1)]);
        report.finish(Duration::from_secs(1));
        assert_eq!(report.impostors(), 2, "one came twice, one had no id");
        assert_eq!(report.failures(), 1);
    }

    #[test]
    fn the_rate_leaves_out_what_came_after_the_end() {
        let mut report = Report::default();
        (0..100).for_each(|n| report.took(Duration::from_millis(n), n < 90));
        report.finish(Duration::from_secs(2));
        assert_eq!((report.rate(), report.latencies.count()), (45.0, 100));
    }
}
