//! What a rate takes: a pure function of the measured costs.

use schemas::Role;
use serde::Serialize;

use super::costs::Costs;
use super::limits::{self, Limit};
use super::sized::{MILLION, Sized};
use super::wire::Bytes;

/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// The fewest nodes of a cluster whose quorum queues survive the loss of one.
const CLUSTER: u64 = 3;

/// What to plan for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Missions per second.
    pub(super) rate: u32,
    /// Percent more than that.
    pub(super) headroom: u32,
    /// Cores of one machine.
    pub(super) cores: u32,
}

/// What a rate takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Plan {
    /// Missions per second.
    pub(super) rate: u32,
    pub(super) headroom_percent: u32,
    pub(super) cores_per_machine: u32,
    /// Whether the rate with its headroom is more than was ever seen.
    pub(super) extrapolated: bool,
    pub(super) roles: Vec<Need>,
    pub(super) servers: Vec<Need>,
    /// Cores of all roles and servers.
    pub(super) cores: f64,
    /// Machines that have these cores, and at least one for each node or primary of a server.
    pub(super) machines: u64,
    /// Requests per second in the request queue.
    pub(super) requests_per_second: f64,
    /// Quorum queues that carry them.
    pub(super) request_queues: u64,
    pub(super) disk: Disk,
    pub(super) network: Network,
    /// The parts that there is one of, the one that breaks first before the others.
    pub(super) limits: Vec<Limit>,
    /// The part that breaks first.
    pub(super) first: &'static str,
    /// Whether it breaks at this rate with its headroom.
    pub(super) breaks: bool,
}

/// How many of a role or a server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Need {
    pub(super) name: String,
    /// Replicas, nodes or primaries.
    pub(super) count: u64,
    /// Their cores together.
    pub(super) cores: f64,
}

/// What the rate, without headroom, leaves on disks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Disk {
    /// Rows and indexes, which stay until they are pruned, in gigabytes a day.
    pub(super) table_gb_per_day: f64,
    /// The binary log, where there is one, in gigabytes a day.
    pub(super) binary_log_gb_per_day: f64,
    /// What InnoDB writes to its log, in megabytes per second.
    pub(super) log_mb_per_second: f64,
}

/// What the rate, without headroom, sends, in megabytes per second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Network {
    pub(super) callers: f64,
    /// The broker, both ways, without events.
    pub(super) broker: f64,
    /// Events: every gateway gets every one.
    pub(super) events: f64,
    pub(super) database: f64,
}

/// What this takes.
pub(super) fn plan(costs: &Costs, wanted: Wanted) -> Plan {
    let Wanted { rate, headroom, cores } = wanted;
    let sized = Sized { rate: f64::from(rate) * (1.0 + f64::from(headroom) / 100.0), cores };
    let limits = limits::limits(costs, &sized);
    let roles: Vec<_> = Role::ALL.into_iter().map(|role| of_role(costs, &sized, role)).collect();
    let servers = servers(costs, &sized);
    let of_all = roles.iter().chain(&servers).map(|need| need.cores).sum();
    let most = servers.iter().map(|need| need.count).max().unwrap_or(1);
    let gateways = roles.iter().find(|need| need.name == Role::Gateway.name());
    let requests = sized.rate / costs.missions_per_request;
    Plan {
        rate,
        headroom_percent: headroom,
        cores_per_machine: cores,
        extrapolated: sized.rate > costs.seen,
        cores: of_all,
        machines: most.max(whole(of_all / f64::from(cores))),
        requests_per_second: requests,
        request_queues: whole(requests / costs.requests_per_queue),
        disk: disk(costs, rate),
        network: network(costs, rate, gateways.map_or(1, |need| need.count)),
        first: limits.first().map_or("", |limit| limit.part),
        breaks: limits.first().is_some_and(|limit| !limit.enough),
        roles,
        servers,
        limits,
    }
}

/// A process of a worker has one thread, so one core; no replica gets more than one was seen to carry.
fn of_role(costs: &Costs, sized: &Sized, role: Role) -> Need {
    let micros = costs.micros.of(role);
    let one = (MILLION / micros).min(costs.seen);
    need(role.name(), sized.rate / one, sized.rate * micros)
}

fn servers(costs: &Costs, sized: &Sized) -> Vec<Need> {
    let (broker, database) = (costs.micros.broker, costs.micros.database);
    let cores = f64::from(sized.cores);
    let nodes = sized.rate * broker / MILLION / cores;
    let primaries =
        (sized.rate / costs.rows_per_primary).max(sized.rate * database / MILLION / cores);
    let mut brokers = need("RabbitMQ", nodes, sized.rate * broker);
    if brokers.count > 1 {
        brokers.count = brokers.count.max(CLUSTER);
    }
    vec![brokers, need("database", primaries, sized.rate * database)]
}

fn need(name: &str, count: f64, micros: f64) -> Need {
    Need { name: name.to_owned(), count: whole(count), cores: micros / MILLION }
}

/// At least one.
fn whole(count: f64) -> u64 {
    count.ceil().max(1.0) as u64
}

fn disk(costs: &Costs, rate: u32) -> Disk {
    let (rate, disk) = (f64::from(rate), costs.disk);
    let per_day = |bytes: f64| rate * bytes * DAY / 1e9;
    Disk {
        table_gb_per_day: per_day(disk.row + disk.indexes),
        binary_log_gb_per_day: per_day(disk.binary_log),
        log_mb_per_second: rate * disk.log / MILLION,
    }
}

fn network(costs: &Costs, rate: u32, gateways: u64) -> Network {
    let bytes = Bytes::of(costs);
    let per_second = |bytes: f64| f64::from(rate) * bytes / MILLION;
    Network {
        callers: per_second(bytes.http),
        broker: per_second(bytes.amqp),
        events: per_second(bytes.event * (1.0 + gateways as f64)),
        database: per_second(bytes.sql),
    }
}
