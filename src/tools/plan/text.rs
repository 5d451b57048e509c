//! A plan in words.

use std::fmt::Write;

use super::costs::Costs;
use super::derive::{Need, Plan};
use super::number::{gigabytes, megabytes, whole};

/// The whole text.
pub(super) fn text(costs: &Costs, plan: &Plan) -> String {
    let mut text = String::new();
    let Plan { rate, headroom_percent, cores_per_machine, .. } = plan;
    let rate = whole(f64::from(*rate));
    // Writing to a String never fails.
    let _ = writeln!(
        text,
        "{rate} missions per second, with {headroom_percent} % headroom, on machines of \
         {cores_per_machine} cores\n"
    );
    let _ = writeln!(text, "{:<12}  {:>8}  {:>8}", "", "how many", "cores");
    plan.roles.iter().for_each(|need| push_need(&mut text, need, "replicas"));
    for need in &plan.servers {
        let what = if need.name == "RabbitMQ" { "nodes" } else { "primaries" };
        push_need(&mut text, need, what);
    }
    let machines = plan.machines;
    let _ = writeln!(text, "{:<12}  {machines:>8}  {:>8.1}  machines\n", "together", plan.cores);
    push_flows(&mut text, plan);
    push_limits(&mut text, plan);
    push_basis(&mut text, costs, plan);
    text
}

fn push_need(text: &mut String, need: &Need, what: &str) {
    let Need { name, count, cores } = need;
    let _ = writeln!(text, "{name:<12}  {count:>8}  {cores:>8.1}  {what}");
}

fn push_flows(text: &mut String, plan: &Plan) {
    let Plan { disk, network, .. } = plan;
    let lines = [
        (
            "request queues",
            plan.request_queues.to_string(),
            "for ".to_owned() + &whole(plan.requests_per_second) + " requests per second",
        ),
        (
            "table",
            gigabytes(disk.table_gb_per_day),
            "a day, rows and indexes, until they are pruned".to_owned(),
        ),
        (
            "binary log",
            gigabytes(disk.binary_log_gb_per_day),
            "a day, where there is one, until it expires".to_owned(),
        ),
        (
            "log",
            megabytes(disk.log_mb_per_second),
            "written by the database to its own log".to_owned(),
        ),
        ("callers", megabytes(network.callers), "over HTTP, both ways".to_owned()),
        ("RabbitMQ", megabytes(network.broker), "over AMQP, both ways, without events".to_owned()),
        ("events", megabytes(network.events), "every gateway gets every event".to_owned()),
        ("database", megabytes(network.database), "in statements".to_owned()),
    ];
    for (name, much, what) in lines {
        let _ = writeln!(text, "{name:<14}  {much:>12}  {what}");
    }
}

fn push_limits(text: &mut String, plan: &Plan) {
    let _ = writeln!(text, "\nWhat more replicas do not help carries, in missions per second:");
    for limit in &plan.limits {
        let word = if limit.enough { "enough" } else { "too little" };
        let carries = whole(limit.carries);
        let _ = writeln!(text, "{:<24}  {carries:>10}  {word:<10}  {}", limit.part, limit.known);
    }
    let _ = match plan.breaks {
        true => writeln!(text, "\nBreaks first: {}.", plan.first),
        false => {
            writeln!(text, "\nNothing breaks by these figures. First would be: {}.", plan.first)
        }
    };
    for limit in plan.limits.iter().filter(|limit| !limit.enough || limit.part == plan.first) {
        let _ = writeln!(text, "Beyond {}: {}.", limit.part, limit.beyond);
    }
}

fn push_basis(text: &mut String, costs: &Costs, plan: &Plan) {
    let Costs { date, machine, setting, micros, .. } = costs;
    let _ = writeln!(
        text,
        "\nMeasured on {date}: {} missions per second.\n{machine};\n{setting}.\nA mission took {} µs of a \
         core in RabbitMQ, and {} in the database.",
        whole(costs.seen),
        micros.broker,
        micros.database
    );
    let _ = match plan.extrapolated {
        true => writeln!(
            text,
            "What is more than that is extrapolated. Not measured at all: more than two cores, TLS,\n\
             several primaries, and copies of a queue on other nodes, which cost a cluster more."
        ),
        false => writeln!(text, "This rate was measured, on one node and one primary."),
    };
}
