//! The table of a benchmark, and the check of its replies.

use std::time::Duration;

use load::{Report, table};

use super::instance::Instance;

/// Processes, and the processor time that each has used.
pub(super) type Cpu = Vec<(String, Duration)>;

/// What a mission cost each process between two looks, in microseconds of processor time. The
/// missions of the warm-up count.
pub(super) fn cost(report: &Report, before: &Cpu, after: &Cpu) {
    let missions = report.status(201).max(1) as f64;
    let micros = |used: Duration| used.as_secs_f64() * 1e6 / missions;
    let used: Vec<_> = after
        .iter()
        .map(|(name, after)| {
            let before = before.iter().find(|(other, _)| other == name);
            (name, after.saturating_sub(before.map_or(Duration::ZERO, |before| before.1)))
        })
        .collect();
    let sum = micros(used.iter().map(|(_, used)| *used).sum());
    let each: Vec<_> =
        used.iter().map(|(name, used)| format!("{name} {:.0}", micros(*used))).collect();
    println!("            {sum:.0} µs of processor time a mission: {}", each.join(", "));
}

/// Begins a table.
pub(super) fn head(title: &str) {
    print!("\n{title}\n{}", table::head("connections"));
}

/// One load.
pub(super) fn row(connections: usize, report: &Report) {
    print!("{}", table::row(connections, report));
}

/// The memory of the processes after the loads.
pub(super) fn memory(instances: &[Instance]) {
    let sum = |figure| instances.iter().map(|instance| instance.memory(figure)).sum::<u64>() / 1024;
    println!("memory: {} MiB now, {} MiB at most", sum("VmRSS"), sum("VmHWM"));
}

/// Returns whether every reply was a 201 with an id of its own; prints what is wrong.
pub(super) fn right(reports: &[(usize, Report)]) -> bool {
    let mut right = true;
    for (connections, report) in reports {
        let (failures, impostors) = (report.failures(), report.impostors());
        if failures + impostors > 0 {
            right = false;
            println!(
                "WRONG at {connections} connections: {failures} replies other than 201 or errors,"
            );
            println!(
                "  {impostors} replies without an id of their own; by status: {:?}",
                report.statuses
            );
        }
    }
    let mut ids: Vec<u128> =
        reports.iter().flat_map(|(_, report)| report.ids.iter().copied()).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|two| matches!(two, [one, other] if one == other)) {
        right = false;
        println!("WRONG: an id was given out twice");
    }
    right
}

/// Begins a table of rounds that are watched and rounds that are not.
pub(super) fn head_of_watched(title: &str) {
    print!("\n{title}\n{}", table::head(""));
}

/// One of these rounds.
pub(super) fn row_of_watched(is_watched: bool, report: &Report) {
    let what = if is_watched { "watched" } else { "alone" };
    print!("{}", table::row(what, report));
}
