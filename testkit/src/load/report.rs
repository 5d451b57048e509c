//! The result of a load.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The result of a load.
#[derive(Debug, Default)]
pub struct Report {
    /// Microseconds from request to reply of every 201 between warm-up and end, ascending.
    pub latencies: Vec<u32>,
    /// The number of replies by status, those of the warm-up included.
    pub statuses: BTreeMap<u16, u64>,
    /// Status and body of every reply, if the load keeps them.
    pub bodies: Vec<(u16, String)>,
    /// Connections that could not be made, broke, timed out or spoke no HTTP.
    pub errors: u64,
    /// The first reply other than 201, or connection that broke.
    pub first_failure: Option<Failure>,
    /// The longest time from a request to its reply, of any status.
    pub longest: Duration,
    /// The mission ids of all 201 replies, ascending; an id that came twice is listed twice.
    pub ids: Vec<u128>,
    /// The time latencies were recorded.
    pub window: Duration,
}

/// A reply other than 201, or a connection that broke.
#[derive(Debug)]
pub struct Failure {
    /// How long after the start of the load.
    pub after: Duration,
    /// The status and the beginning of the body, or what the connection's error says.
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

    /// Replies other than 201, and connection errors.
    pub fn failures(&self) -> u64 {
        self.statuses.values().sum::<u64>() - self.status(201) + self.errors
    }

    /// 201 replies without an id, or with an id that another reply had.
    pub fn impostors(&self) -> u64 {
        let mut distinct = self.ids.clone();
        distinct.dedup();
        self.status(201).saturating_sub(distinct.len() as u64)
    }

    /// Missions per second, the warm-up left out.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.window.as_secs_f64().max(1e-6)
    }

    /// The latency in milliseconds that this share (0 to 1) of the requests did not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.latencies.get(index).map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.bodies.extend(other.bodies);
        self.ids.extend(other.ids);
        self.errors += other.errors;
        self.longest = self.longest.max(other.longest);
        let failures = [self.first_failure.take(), other.first_failure];
        self.first_failure = failures.into_iter().flatten().min_by_key(|failure| failure.after);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    /// A connection broke.
    pub(super) fn broken(&mut self, after: Duration, what: String) {
        self.errors += 1;
        self.failed(after, what);
    }

    pub(super) fn failed(&mut self, after: Duration, what: String) {
        self.first_failure.get_or_insert(Failure { after, what });
    }

    pub(super) fn finish(&mut self, window: Duration) {
        self.latencies.sort_unstable();
        self.ids.sort_unstable();
        self.window = window;
    }
}

/// As in `9998 of 10000 with 201, 2 failed (503: 1, errors: 1), the longest wait 1.5 s`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (good, failed) = (self.status(201), self.failures());
        write!(f, "{good} of {} with 201, {failed} failed", good + failed)?;
        let others = self.statuses.iter().filter(|(status, _)| **status != 201);
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
        let failed = |seconds, what: &str| {
            let mut report = Report { statuses: BTreeMap::from([(201, 3)]), ..Report::default() };
            report.broken(Duration::from_secs(seconds), what.to_owned());
            report
        };
        let mut all = Report { longest: Duration::from_millis(1_500), ..Report::default() };
        assert_eq!(all.without_failure(), Ok(()));
        all.add(failed(2, "reset"));
        all.add(failed(1, "refused"));
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
    fn quantiles_are_in_milliseconds() {
        let mut report =
            Report { latencies: (0..=100).rev().map(|n| n * 1_000).collect(), ..Report::default() };
        report.finish(Duration::from_secs(2));
        assert_eq!([0.5, 0.99, 1.0].map(|share| report.quantile(share)), [50.0, 99.0, 100.0]);
        assert_eq!(report.rate(), 50.5);
        assert_eq!(Report::default().quantile(0.5), 0.0);
    }
}
