//! What carries a rate where a role's replicas do not help.

use serde::Serialize;

use super::costs::Costs;
use super::number::whole;
use super::sized::{MILLION, Sized};
use super::wire::Bytes;

/// A part that more replicas do not help.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Limit {
    /// The part.
    pub(super) part: &'static str,
    /// The missions per second that it carries.
    pub(super) carries: f64,
    /// Whether that is enough for the rate with its headroom.
    pub(super) enough: bool,
    /// How this is known.
    pub(super) known: String,
    /// What carries more.
    pub(super) beyond: &'static str,
}

const CLUSTER: &str = "a RabbitMQ cluster spreads queues and connections over its nodes, but each \
                       queue has one leader";
const SHARDS: &str = "a MySQL-compatible cluster that is sharded by mission id, such as Vitess or TiDB \
                      (neither was tried)";
const QUEUES: &str = "several request queues. The table of queues has one: until it has more, run \
                      several whole systems side by side, each with a broker of its own";
const EVENTS: &str = "a RabbitMQ cluster spreads them over its nodes, but each gateway still gets all \
                      of them: run fewer and larger gateways, or several whole systems side by side";

/// The limits, the lowest first.
pub(super) fn limits(costs: &Costs, sized: &Sized) -> Vec<Limit> {
    let carry = |part, carries: f64, known, beyond| Limit {
        part,
        carries: carries.floor(),
        enough: carries >= sized.rate,
        known,
        beyond,
    };
    let (node, events) = (node(costs, sized), events(costs));
    let (primary, known) = primary(costs, sized);
    let (queue, alone) = queue(costs);
    let seen = format!("extrapolated: {} were seen on two cores", whole(costs.seen));
    let fast = format!("extrapolated, at {:.0} Gbit/s", costs.wire.machine * 8.0 / 1e9);
    let mut limits = vec![
        carry("one broker node", node, seen, CLUSTER),
        carry("one database primary", primary, known, SHARDS),
        carry("the one request queue", queue, alone, QUEUES),
        carry("events to every gateway", events, fast, EVENTS),
    ];
    limits.sort_by(|a, b| a.carries.total_cmp(&b.carries));
    limits
}

fn node(costs: &Costs, sized: &Sized) -> f64 {
    f64::from(sized.cores) * MILLION / costs.micros.broker
}

fn primary(costs: &Costs, sized: &Sized) -> (f64, String) {
    let by_cores = f64::from(sized.cores) * MILLION / costs.micros.database;
    match by_cores < costs.rows_per_primary {
        true => (by_cores, "extrapolated from its processor time".to_owned()),
        false => (costs.rows_per_primary, "rows alone were measured, on two cores".to_owned()),
    }
}

fn queue(costs: &Costs) -> (f64, String) {
    let Costs { requests_per_queue: requests, missions_per_request: missions, .. } = costs;
    let known = format!("measured alone: {} requests of {missions} missions", whole(*requests));
    (requests * missions, known)
}

/// There are as many gateways as the rate takes, so what a node sends grows with its square.
fn events(costs: &Costs) -> f64 {
    (costs.wire.machine * costs.seen / Bytes::of(costs).event).sqrt()
}
