//! What a mission was measured to cost. This is the one table to edit after a new measurement.

use schemas::Role;

/// What was measured, when, and on what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Costs {
    /// The day of the measurement.
    pub(super) date: &'static str,
    /// The machine.
    pub(super) machine: &'static str,
    /// What ran.
    pub(super) setting: &'static str,
    /// Missions per second that one process of each role carried together, at saturation.
    pub(super) seen: f64,
    /// Processor time of a mission in each process and server, in microseconds, at saturation.
    pub(super) micros: Micros,
    /// Missions in one request, at saturation: batches are of their own making.
    pub(super) missions_per_request: f64,
    /// Requests per second that one quorum queue took, confirmed, and handed out, acknowledged.
    pub(super) requests_per_queue: f64,
    /// Rows per second that one primary took, each commit on the disk.
    pub(super) rows_per_primary: f64,
    /// Bytes of a mission in the database.
    pub(super) disk: Disk,
    /// Bytes on the wire that are not the body of an AMQP message.
    pub(super) wire: Wire,
}

/// Microseconds of processor time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Micros {
    pub(super) gateway: f64,
    pub(super) decider: f64,
    pub(super) persister: f64,
    /// In the worker of one part.
    pub(super) part: f64,
    pub(super) broker: f64,
    pub(super) database: f64,
}

/// Bytes of a mission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disk {
    /// Its row.
    pub(super) row: f64,
    /// Its entries in the indexes.
    pub(super) indexes: f64,
    /// What InnoDB writes to its log, which is overwritten.
    pub(super) log: f64,
    /// What the binary log has, where there is one, until it expires.
    pub(super) binary_log: f64,
}

/// Bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire {
    /// A request and its response over HTTP, heads included, without TLS.
    pub(super) http: f64,
    /// A row in a statement.
    pub(super) statement: f64,
    /// Frames and properties of an AMQP message.
    pub(super) message: f64,
    /// What a machine sends in a second. It is assumed, not measured.
    pub(super) machine: f64,
}

/// Processor times, and what was seen, are those of BENCHMARKS.md at 256 connections. Bytes in the
/// database were counted in MariaDB after 240,000 rows, 60 in a statement; those over HTTP with curl. The
/// request queue was filled by 4 publishers with 64 unconfirmed messages of 2,700 bytes each (60
/// missions), and emptied by 4 consumers. The primary took 1,000 rows a statement.
pub(super) const MEASURED: Costs = Costs {
    date: "2026-11-27",
    machine: "On two shared virtual cores, which also ran the load and both servers",
    setting: "256 connections, one process of each role, RabbitMQ 3.10.8, MariaDB 10.11, each commit flushed",
    seen: 12_336.0,
    micros: Micros {
        gateway: 37.6,
        decider: 8.26,
        persister: 7.81,
        part: 2.45,
        broker: 32.5,
        database: 13.3,
    },
    missions_per_request: 71.5,
    requests_per_queue: 9_800.0,
    rows_per_primary: 50_000.0,
    disk: Disk { row: 217.0, indexes: 134.0, log: 312.0, binary_log: 232.0 },
    wire: Wire { http: 581.0, statement: 260.0, message: 400.0, machine: 1.25e9 },
};

impl Micros {
    /// Of a mission in this role.
    pub(super) fn of(&self, role: Role) -> f64 {
        match role {
            Role::Gateway => self.gateway,
            Role::Decider => self.decider,
            Role::Persister => self.persister,
            Role::Part(_) => self.part,
        }
    }
}
