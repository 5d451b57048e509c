//! The tables of a run, for the terminal and for BENCHMARKS.md.

use super::plan::MANY;
use super::results::{Level, Results, Sample, What};
use super::spread::{median, range};
use super::table::{Table, figure, whole};

/// Loads that make missions.
const MISSIONS: [What; 6] =
    [What::Cluster, What::Single, What::Full, What::OwnQueues, What::DirectReplies, What::Embedded];
/// Loads that read, and floors.
const READS: [What; 6] = [
    What::ClusterLivez,
    What::EmbeddedLivez,
    What::Bare,
    What::Mission,
    What::List,
    What::FullList,
];

/// A table with its title.
pub(crate) type Titled = (&'static str, Table);

/// All of them, in their order.
pub(crate) fn titled(results: &Results) -> [Titled; 5] {
    [
        ("Missions", missions(results)),
        ("Processor time of a mission, in µs", processor_time(results)),
        ("Reads, and the HTTP floor", reads(results)),
        ("The latency floor", floor(results)),
        ("Memory and start", memory(results)),
    ]
}

/// All of them, for a terminal.
pub(crate) fn all(results: &Results) -> String {
    let shown = titled(results).map(|(title, table)| (title, table.text()));
    let shown = shown.iter().filter(|(_, text)| !text.is_empty());
    shown.map(|(title, text)| format!("{title}\n\n{text}")).collect::<Vec<_>>().join("\n")
}

fn levels<'a>(results: &'a Results, of: &[What]) -> Vec<&'a Level> {
    let mut levels: Vec<&Level> = results.levels.iter().collect();
    levels.retain(|level| of.contains(&level.what));
    levels.sort_by_key(|level| of.iter().position(|what| *what == level.what));
    levels
}

/// What every load has.
fn speed(level: &Level) -> [String; 6] {
    let (least, most) = level.range(|sample| sample.rate);
    [
        whole(level.callers as f64),
        figure(level.median(|sample| sample.rate)),
        format!("{} to {}", figure(least), figure(most)),
        figure(level.median(|sample| sample.p50)),
        figure(level.median(|sample| sample.p99)),
        figure(level.median(|sample| sample.p99_9)),
    ]
}

fn missions(results: &Results) -> Table {
    let mut table = Table::new([
        "what",
        "callers",
        "missions/s",
        "of all rounds",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "missions a message",
        "rows a statement",
        "errors",
    ]);
    for level in levels(results, &MISSIONS) {
        let mean = |of: fn(&Sample) -> Option<f64>| {
            let known: Vec<f64> = level.rounds.iter().filter_map(of).collect();
            if known.is_empty() { "–".to_owned() } else { figure(median(known)) }
        };
        let what = [level.what.title().to_owned()].into_iter().chain(speed(level));
        let sizes = [mean(|sample| sample.batch), mean(|sample| sample.rows)];
        table.row(what.chain(sizes).chain([level.errors().to_string()]));
    }
    table
}

fn processor_time(results: &Results) -> Table {
    let all = levels(results, &MISSIONS);
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in all.iter().flat_map(|level| &level.rounds).flat_map(|sample| &sample.cpu) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut table = Table::new(["what", "callers", "all"].into_iter().chain(names.iter().copied()));
    for level in all {
        let start = [
            level.what.title().to_owned(),
            whole(level.callers as f64),
            figure(level.median(Sample::cpu)),
        ];
        let each = names.iter().map(|name| match level.median(|sample| sample.cpu_of(name)) {
            0.0 => "–".to_owned(),
            micros => figure(micros),
        });
        table.row(start.into_iter().chain(each));
    }
    table
}

fn reads(results: &Results) -> Table {
    let mut table = Table::new([
        "what",
        "connections",
        "requests/s",
        "of all rounds",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "errors",
    ]);
    for level in levels(results, &READS) {
        let what = [level.what.title().to_owned()].into_iter().chain(speed(level));
        table.row(what.chain([level.errors().to_string()]));
    }
    table
}

fn floor(results: &Results) -> Table {
    let mut table = Table::new(["one at a time", "p50 ms"]);
    let steps = [
        ("GET /livez", results.floor(|floor| floor.http)),
        ("a publish to a quorum queue, confirmed", results.floor(|floor| floor.confirm)),
        ("a transient message to two workers, and both replies", results.floor(|f| f.parts)),
        ("a transient message to one, and its reply", results.floor(|floor| floor.decisions)),
        ("a row, committed", results.floor(|floor| floor.commit)),
        ("the way of a mission: the sum", results.floor(super::results::Floor::sum)),
        ("a mission of one caller, five processes", one_caller(results)),
        ("a persistent message to an own queue, confirmed", results.floor(|f| f.own_queue)),
    ];
    for (what, millis) in steps.into_iter().filter_map(|(what, millis)| Some((what, millis?))) {
        table.row([what.to_owned(), figure(millis)]);
    }
    table
}

fn one_caller(results: &Results) -> Option<f64> {
    let level = results.level(What::Cluster, 1)?;
    (!results.floors.is_empty()).then(|| level.median(|sample| sample.p50))
}

fn memory(results: &Results) -> Table {
    let mut table = Table::new(["what", "first round", "last round"]);
    for (what, title) in [
        (What::Cluster, "resident memory of the five services, MiB"),
        (What::Full, "the same, full table, MiB"),
        (What::Embedded, "resident memory of up, MiB"),
    ] {
        let Some(level) = results.level(what, MANY) else { continue };
        let mib = |sample: Option<&Sample>| {
            figure(sample.map_or(0.0, |sample| sample.memory as f64 / 1_024.0))
        };
        table.row([title.to_owned(), mib(level.rounds.first()), mib(level.rounds.last())]);
    }
    if !results.starts.is_empty() {
        let (least, most) = range(results.starts.iter().copied());
        let title = format!(
            "start of up to its first 201, ms: median {}",
            figure(median(results.starts.iter().copied()))
        );
        table.row([title, format!("least {}", figure(least)), format!("most {}", figure(most))]);
    }
    table
}
