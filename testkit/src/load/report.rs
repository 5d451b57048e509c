//! What a load saw.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a load saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Microseconds from request to reply of every 201 between warm-up and end, ascending.
    pub latencies: Vec<u32>,
    /// How many replies had which status, the warm-up's included.
    pub statuses: BTreeMap<u16, u64>,
    /// Status and body of every reply, when they were to be kept.
    pub bodies: Vec<(u16, String)>,
    /// Connections that could not be made, broke, timed out or spoke no HTTP.
    pub errors: u64,
    /// What the last of these errors said.
    pub last_error: Option<String>,
    /// The mission ids of all 201 replies, ascending; one that came twice stands here twice.
    pub ids: Vec<u128>,
    /// The time latencies were recorded.
    pub window: Duration,
}

impl Report {
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

    /// The latency in milliseconds that this share of the requests kept: 0.5, 0.99, 1.0.
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
        self.last_error = other.last_error.or(self.last_error.take());
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    pub(super) fn failed(&mut self, error: String) {
        self.errors += 1;
        self.last_error = Some(error);
    }

    pub(super) fn finish(&mut self, window: Duration) {
        self.latencies.sort_unstable();
        self.ids.sort_unstable();
        self.window = window;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
