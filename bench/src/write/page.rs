//! BENCHMARKS.md.

use std::fmt::Write;

use super::plots::Plot;
use crate::results::Results;
use crate::table::{Table, whole};
use crate::{tables, targets};

/// What is written by hand: what the figures mean, and where the limits are.
const PHYSICS: &str = include_str!("../../physics.md");

/// The whole page.
pub(super) fn page(results: &Results, plots: &[Plot]) -> String {
    let (rounds, seconds) = (results.rounds, results.seconds);
    let times = if rounds == 1 { "once".to_owned() } else { format!("{rounds} times, in turn") };
    let mut page = format!(
        "# Benchmarks\n\n\
         `cargo xtask bench --write` wrote this page. Every load was measured {times}, for {seconds} s each;\n\
         figures are medians of the rounds. \"Five processes\" is one process for each role with RabbitMQ and\n\
         MariaDB of its own, where a request is on the disk of a quorum queue before it counts and every\n\
         commit is flushed; \"one process\" is `spymission up` with SQLite. The load runs on the same machine.\n\
         What each figure means is said under [Physics](#physics).\n\n{}\n",
        machine(results).text()
    );
    for plot in plots {
        let _ = writeln!(page, "![{}]({})\n", plot.title, plot.path());
    }
    for (title, table) in tables::titled(results) {
        let text = table.text();
        if !text.is_empty() {
            let _ = writeln!(page, "## {title}\n\n{text}");
        }
    }
    let _ = writeln!(page, "## Targets\n\n{}", targets::table(results));
    page + "## Physics\n\n" + PHYSICS
}

fn machine(results: &Results) -> Table {
    let machine = &results.machine;
    let mut table = Table::new(["machine", ""]);
    let memory = format!("{} MiB", whole(machine.memory as f64));
    let full = results.rows.map(|rows| whole(rows as f64));
    for (name, value) in [
        ("date", &machine.date),
        ("commit", &machine.commit),
        ("processor", &machine.processor),
        ("cores", &machine.cores.to_string()),
        ("memory", &memory),
        ("kernel", &machine.kernel),
        ("compiler", &machine.rustc),
        ("RabbitMQ", &machine.rabbitmq),
        ("MariaDB", &machine.mariadb),
    ] {
        table.row([name.to_owned(), value.replace('|', "/")]);
    }
    if let Some(full) = full {
        table.row(["rows of the full table".to_owned(), full]);
    }
    table
}
