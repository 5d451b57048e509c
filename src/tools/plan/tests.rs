//! Facts of plans.

use super::costs::{Costs, MEASURED};
use super::derive::{Plan, Wanted, plan};
use super::text::text;

fn of(rate: u32) -> Plan {
    plan(&MEASURED, Wanted { rate, headroom: 50, cores: 8 })
}

/// All counts of a plan, in a fixed order.
fn counts(plan: &Plan) -> Vec<f64> {
    let needs = plan.roles.iter().chain(&plan.servers);
    let needs = needs.flat_map(|need| [need.count as f64, need.cores]);
    let (disk, network) = (&plan.disk, &plan.network);
    let others = [
        plan.cores,
        plan.machines as f64,
        plan.request_queues as f64,
        plan.requests_per_second,
        disk.table_gb_per_day,
        disk.binary_log_gb_per_day,
        disk.log_mb_per_second,
        network.callers,
        network.broker,
        network.events,
        network.database,
    ];
    needs.chain(others).collect()
}

#[test]
fn a_higher_rate_takes_no_less_of_anything() {
    let mut before = counts(&of(1));
    for rate in (0..27).map(|power| 1 << power).chain([100_000_000]) {
        let now = counts(&of(rate));
        let less = now.iter().zip(&before).position(|(now, before)| now < before);
        assert_eq!(less, None, "{rate}: {before:?} and then {now:?}");
        before = now;
    }
}

#[test]
fn more_headroom_takes_no_less_and_more_cores_no_more_machines() {
    let wanted = |headroom, cores| plan(&MEASURED, Wanted { rate: 100_000, headroom, cores });
    let (little, much) = (counts(&wanted(0, 8)), counts(&wanted(100, 8)));
    assert!(little.iter().zip(&much).all(|(little, much)| little <= much));
    assert!(wanted(50, 2).machines > wanted(50, 8).machines);
}

#[test]
fn the_first_bottleneck_is_named_at_each_rate() {
    for (rate, first, breaks, too_little) in [
        (10_000, "one database primary", false, 0),
        (100_000, "one database primary", true, 1),
        (1_000_000, "one database primary", true, 4),
    ] {
        let plan = of(rate);
        assert_eq!((plan.first, plan.breaks), (first, breaks), "{rate}");
        let found = plan.limits.iter().filter(|limit| !limit.enough).count();
        assert_eq!(found, too_little, "{rate}: {:?}", plan.limits);
        let said = text(&MEASURED, &plan);
        let words = if breaks {
            "Breaks first: "
        } else {
            "Nothing breaks by these figures. First would be: "
        };
        assert!(said.contains(&format!("{words}{first}.")), "{said}");
    }
}

#[test]
fn what_was_not_measured_is_said_to_be_extrapolated() {
    let seen = plan(&MEASURED, Wanted { rate: 10_000, headroom: 0, cores: 8 });
    assert!(!seen.extrapolated && text(&MEASURED, &seen).contains("This rate was measured"));
    let more = of(10_000);
    assert!(
        more.extrapolated
            && text(&MEASURED, &more).contains("What is more than that is extrapolated")
    );
}

#[test]
fn one_mission_a_second_takes_one_of_each() {
    let plan = of(1);
    assert!(plan.roles.iter().chain(&plan.servers).all(|need| need.count == 1), "{plan:?}");
    assert_eq!((plan.machines, plan.request_queues), (1, 1));
}

/// `docs/scaling.md` shows what the command prints.
#[test]
fn the_document_shows_the_plans_of_today() {
    let document = include_str!("../../../docs/scaling.md");
    for rate in [10_000, 100_000, 1_000_000] {
        let shown = format!(
            "```console\n$ spymission plan --rate {rate}\n{}```\n",
            text(&MEASURED, &of(rate))
        );
        assert!(
            document.contains(&shown),
            "docs/scaling.md shows another plan; it is now:\n{shown}"
        );
    }
}

/// The costs are those that the benchmark has measured last.
#[test]
fn the_costs_are_those_of_the_benchmark() {
    let results = include_str!("../../../docs/benchmarks/results.json");
    let results: serde_json::Value = serde_json::from_str(results).unwrap();
    let levels = results["levels"].as_array().unwrap();
    let level = levels.iter().find(|level| level["what"] == "cluster" && level["callers"] == 256);
    let rounds = level.unwrap()["rounds"].as_array().unwrap();
    let mean = |of: &dyn Fn(&serde_json::Value) -> f64| {
        rounds.iter().map(of).sum::<f64>() / rounds.len() as f64
    };
    let micros = |name: &'static str| {
        mean(&|round| {
            let all = round["cpu"].as_array().unwrap();
            all.iter().find(|cpu| cpu[0] == name).unwrap()[1].as_f64().unwrap()
        })
    };
    let Costs { seen, micros: costs, missions_per_request, .. } = MEASURED;
    for (what, planned, measured) in [
        ("seen", seen, mean(&|round| round["rate"].as_f64().unwrap())),
        (
            "missions_per_request",
            missions_per_request,
            mean(&|round| round["batch"].as_f64().unwrap()),
        ),
        ("gateway", costs.gateway, micros("gateway")),
        ("decider", costs.decider, micros("decider")),
        ("persister", costs.persister, micros("persister")),
        ("part", costs.part, micros("number")),
        ("broker", costs.broker, micros("RabbitMQ")),
        ("database", costs.database, micros("MariaDB")),
    ] {
        assert!((planned / measured - 1.0).abs() < 0.01, "{what}: {planned}, measured {measured}");
    }
}
