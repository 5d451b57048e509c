//! The targets, each declared once: what, how it is derived from what was measured, its bound.

use super::plan::{AMQP, CROWD, FEW, MANY};
use super::results::{Level, Results, Sample, What};
use super::spread::median;
use super::table::{Table, figure};

/// What a target wants.
#[derive(Debug, Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Less than this.
    Under(f64),
}

use Bound::{AtLeast, AtMost, Under};

/// One target.
struct Target {
    what: &'static str,
    unit: &'static str,
    bound: Bound,
    /// `None` if the run has not measured it.
    measured: fn(&Results) -> Option<f64>,
}

const fn target(
    what: &'static str,
    unit: &'static str,
    bound: Bound,
    measured: fn(&Results) -> Option<f64>,
) -> Target {
    Target { what, unit, bound, measured }
}

/// Missions per second of 100 AMQP callers on two cores when the target was set, commit 5ba1fe7, which
/// sent all replies one by one: `--only amqp --program` with a build of it measures it again.
const OWN_QUEUES_BEFORE: f64 = 1_000.0;
/// See [`OWN_QUEUES_BEFORE`].
const DIRECT_REPLIES_BEFORE: f64 = 910.0;

/// All of them.
const TARGETS: [Target; 23] = [
    target("256 callers: processor time of a mission", "µs", AtMost(60.0), |r| {
        Some(r.level(What::Cluster, MANY)?.median(Sample::cpu))
    }),
    target("256 callers: of it the gateway", "µs", AtMost(16.0), |r| {
        Some(r.level(What::Cluster, MANY)?.median(|sample| sample.cpu_of("gateway")))
    }),
    target("256 callers: share of the HTTP floor (the far goal)", "%", AtLeast(50.0), |r| {
        share(r, (What::Cluster, MANY), (What::ClusterLivez, MANY))
    }),
    target("1 caller: p50", "ms", AtMost(1.9), |r| Some(p50(r.level(What::Cluster, 1)?))),
    target("1 caller: p50, of the latency floor", "times", AtMost(1.5), |r| {
        Some(p50(r.level(What::Cluster, 1)?) / r.floor(super::results::Floor::sum)?)
    }),
    target("1 caller: p99, of p50", "times", AtMost(3.0), |r| {
        let level = r.level(What::Cluster, 1)?;
        Some(level.median(|sample| sample.p99) / p50(level))
    }),
    target("64 callers", "missions/s", AtLeast(15_000.0), |r| rate(r, What::Cluster, FEW)),
    target("1,024 callers: missions/s, of 256 callers", "times", AtLeast(1.0), |r| {
        Some(rate(r, What::Cluster, CROWD)? / rate(r, What::Cluster, MANY)?)
    }),
    target("1,024 callers: errors", "", AtMost(0.0), |r| {
        Some(r.level(What::Cluster, CROWD)?.errors() as f64)
    }),
    target("1,024 callers: p99.9, of p50", "times", Under(10.0), |r| {
        let level = r.level(What::Cluster, CROWD)?;
        Some(level.median(|sample| sample.p99_9) / p50(level))
    }),
    target("one process, 64 callers: share of the HTTP floor", "%", AtLeast(60.0), |r| {
        share(r, (What::Embedded, FEW), (What::EmbeddedLivez, FEW))
    }),
    target("one process, 1,024 callers: missions/s, of 256", "times", AtLeast(1.0), |r| {
        Some(rate(r, What::Embedded, CROWD)? / rate(r, What::Embedded, MANY)?)
    }),
    target("one process: start to the first 201", "ms", Under(100.0), |r| {
        (!r.starts.is_empty()).then(|| median(r.starts.iter().copied()))
    }),
    target("256 callers: resident memory of the five services", "MiB", AtMost(80.0), |r| {
        resident(r, What::Cluster)
    }),
    target("256 callers: resident memory of up", "MiB", AtMost(48.0), |r| {
        resident(r, What::Embedded)
    }),
    target("100 AMQP callers, own queues: of before", "times", AtLeast(5.0), |r| {
        Some(rate(r, What::OwnQueues, AMQP)? / OWN_QUEUES_BEFORE)
    }),
    target("100 AMQP callers, direct reply-to: of before", "times", AtLeast(5.0), |r| {
        Some(rate(r, What::DirectReplies, AMQP)? / DIRECT_REPLIES_BEFORE)
    }),
    target("full table: missions/s, of the empty table", "%", AtLeast(95.0), |r| {
        share(r, (What::Full, MANY), (What::Cluster, MANY))
    }),
    // At one connection: with more, the wait for the others would be measured.
    target("full table: p99 of a list page anywhere", "ms", Under(5.0), |r| {
        Some(r.level(What::FullList, 1)?.median(|sample| sample.p99))
    }),
    target("full table: rows (the target counts from 10,000,000 on)", "", AtLeast(1e7), |r| {
        Some(r.rows? as f64)
    }),
    target("full table: memory, last round of first", "%", AtMost(105.0), |r| {
        let level = r.level(What::Full, MANY)?;
        let [first, last] = [level.rounds.first()?, level.rounds.last()?];
        (level.rounds.len() > 1).then(|| last.memory as f64 / first.memory as f64 * 100.0)
    }),
    target("one process: GET /missions/{id}, of GET /livez", "%", AtLeast(50.0), |r| {
        share(r, (What::Mission, FEW), (What::EmbeddedLivez, FEW))
    }),
    target("all loads: errors", "", AtMost(0.0), |r| {
        Some(r.levels.iter().map(Level::errors).sum::<u64>() as f64)
    }),
];

/// What was measured, wanted, and whether it is met.
pub(crate) fn table(results: &Results) -> String {
    let mut table = Table::new(["target", "wanted", "measured", "met"]);
    for Target { what, unit, bound, measured } in &TARGETS {
        let value = measured(results).filter(|value| value.is_finite());
        let met =
            value.map_or("not measured", |value| if bound.holds(value) { "yes" } else { "NO" });
        let said = value.map_or("–".to_owned(), |value| with_unit(&figure(value), unit));
        let wanted = with_unit(&bound.text(), unit);
        table.row([(*what).to_owned(), wanted, said, met.to_owned()]);
    }
    table.text()
}

fn with_unit(figure: &str, unit: &str) -> String {
    format!("{figure} {unit}").trim_end().to_owned()
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            AtMost(bound) => value <= bound,
            AtLeast(bound) => value >= bound,
            Under(bound) => value < bound,
        }
    }

    fn text(self) -> String {
        match self {
            AtMost(bound) => format!("≤ {}", figure(bound)),
            AtLeast(bound) => format!("≥ {}", figure(bound)),
            Under(bound) => format!("< {}", figure(bound)),
        }
    }
}

fn p50(level: &Level) -> f64 {
    level.median(|sample| sample.p50)
}

fn rate(results: &Results, what: What, callers: usize) -> Option<f64> {
    Some(results.level(what, callers)?.median(|sample| sample.rate))
}

/// The rate of one load in percent of another's.
fn share(results: &Results, one: (What, usize), other: (What, usize)) -> Option<f64> {
    Some(rate(results, one.0, one.1)? / rate(results, other.0, other.1)? * 100.0)
}

/// The memory after the first load of so many callers, before there were more. In MiB.
fn resident(results: &Results, what: What) -> Option<f64> {
    results.level(what, MANY)?.rounds.first().map(|sample| sample.memory as f64 / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_up_to_itself() {
        assert!(AtMost(60.0).holds(60.0) && !AtMost(60.0).holds(60.1));
        assert!(AtLeast(50.0).holds(50.0) && !AtLeast(50.0).holds(49.9));
        assert!(Under(5.0).holds(4.9) && !Under(5.0).holds(5.0));
    }
}
