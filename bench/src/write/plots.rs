//! The plots.

use super::chart::{Bar, Chart, Kind};
use crate::results::{Level, Results, Sample, What};
use crate::table::whole;

/// A plot, and what it shows.
pub(super) struct Plot {
    name: &'static str,
    pub(super) title: String,
    pub(super) svg: String,
}

impl Plot {
    /// Its file, below the root of the workspace.
    pub(super) fn path(&self) -> String {
        format!("docs/benchmarks/{}.svg", self.name)
    }
}

/// A figure of a load.
type Figure = fn(&Sample) -> f64;

/// Those of which the run has measured something.
pub(super) fn all(results: &Results) -> Vec<Plot> {
    [missions(results), latency(results), processor_time(results)].into_iter().flatten().collect()
}

/// The numbers of callers at which `what` was measured, ascending.
fn callers(results: &Results, what: What) -> Vec<usize> {
    let levels = results.levels.iter().filter(|level| level.what == what);
    let mut callers: Vec<usize> = levels.map(|level| level.callers).collect();
    callers.sort_unstable();
    callers
}

fn bar(level: Option<&Level>, figure: Figure) -> Bar {
    let value = level.map_or(0.0, |level| level.median(figure));
    let (least, most) = level.map_or((0.0, 0.0), |level| level.range(figure));
    Bar { value, least, most }
}

/// A plot with a group for each number of callers; `None` if there are none.
fn plot(
    name: &'static str,
    title: &str,
    (kind, series): (Kind, Vec<String>),
    groups: Vec<(usize, Vec<Bar>)>,
) -> Option<Plot> {
    let label = |callers| {
        if callers == 1 {
            "1 caller".to_owned()
        } else {
            format!("{} callers", whole(callers as f64))
        }
    };
    let groups: Vec<_> = groups.into_iter().map(|(n, bars)| (label(n), bars)).collect();
    let shown = !groups.is_empty();
    let svg = Chart { title, kind, series, groups }.svg();
    shown.then(|| Plot { name, title: title.to_owned(), svg })
}

fn missions(results: &Results) -> Option<Plot> {
    let both = [What::Cluster, What::Embedded];
    let group = |callers| {
        let bars = both.map(|what| bar(results.level(what, callers), |sample| sample.rate));
        (callers, bars.to_vec())
    };
    let groups = callers(results, What::Cluster).into_iter().map(group).collect();
    let series = both.map(|what| what.title().to_owned()).to_vec();
    plot("missions", "Missions per second", (Kind::Beside, series), groups)
}

fn latency(results: &Results) -> Option<Plot> {
    let figures: [(&str, Figure); 3] =
        [("p50", |s| s.p50), ("p99", |s| s.p99), ("p99.9", |s| s.p99_9)];
    let group = |callers| {
        let level = results.level(What::Cluster, callers);
        (callers, figures.map(|(_, figure)| bar(level, figure)).to_vec())
    };
    let groups = callers(results, What::Cluster).into_iter().map(group).collect();
    let series = figures.map(|(name, _)| name.to_owned()).to_vec();
    let title = "Milliseconds to a mission, five processes";
    plot("latency", title, (Kind::Logarithmic, series), groups)
}

fn processor_time(results: &Results) -> Option<Plot> {
    let callers = callers(results, What::Cluster);
    let first = callers.first().and_then(|callers| results.level(What::Cluster, *callers));
    let sample = first.and_then(|level| level.rounds.first())?;
    let names: Vec<String> = sample.cpu.iter().map(|(name, _)| name.clone()).collect();
    let group = |callers| {
        let level = results.level(What::Cluster, callers);
        let of = |name: &String| level.map_or(0.0, |level| level.median(|s| s.cpu_of(name)));
        let bars = names.iter().map(of).map(|value| Bar { value, least: value, most: value });
        (callers, bars.collect())
    };
    // One caller costs ten times as much: its bar would hide the others.
    let groups = callers.iter().copied().filter(|n| *n > 1).map(group).collect();
    let title = "Microseconds of processor time for a mission, five processes";
    plot("processor-time", title, (Kind::Stacked, names.clone()), groups)
}
