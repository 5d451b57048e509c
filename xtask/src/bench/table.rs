//! The table of a benchmark, and the check of its replies.

use testkit::load::Report;

use super::instance::Instance;

/// Begins a table.
pub(super) fn head(title: &str) {
    println!("\n{title}");
    println!("connections  missions/s   p50 ms   p99 ms   max ms   errors");
}

/// One load.
pub(super) fn row(connections: usize, report: &Report) {
    figures(connections, report);
}

fn figures(what: impl std::fmt::Display, report: &Report) {
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| report.quantile(share));
    let (rate, failures) = (report.rate(), report.failures());
    println!("{what:>11} {rate:>11.0} {p50:>8.1} {p99:>8.1} {max:>8.1} {failures:>8}");
    if let Some(failure) = &report.first_failure {
        println!("            the first failure: {}", failure.what);
    }
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
    println!("\n{title}");
    println!("             missions/s   p50 ms   p99 ms   max ms   errors");
}

/// One of these rounds.
pub(super) fn row_of_watched(is_watched: bool, report: &Report) {
    figures(if is_watched { "watched" } else { "alone" }, report);
}
