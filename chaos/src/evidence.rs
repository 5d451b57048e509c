//! What stands when everything is whole again, for the judge.

use std::collections::HashMap;

use serde_json::Value;
use testkit::servers::{MariaDb, call};
use uuid::Uuid;

use crate::failure::Failure;
use crate::faults::Fault;
use crate::history::{Mission, Outcome, Told};
use crate::system::{DATABASE, SECRET, System};

/// A dead letter of the table.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) reason: String,
    pub(crate) role: String,
    pub(crate) tries: u32,
    /// The missions that its body names.
    pub(crate) missions: Vec<Uuid>,
}

/// A queue at the end.
#[derive(Debug, Clone)]
pub(crate) struct QueueAtRest {
    pub(crate) name: String,
    pub(crate) messages: u64,
}

/// A process at the end.
#[derive(Debug, Clone)]
pub(crate) struct PartAtRest {
    pub(crate) name: String,
    /// The most memory that it held, in KiB.
    pub(crate) peak: u64,
    /// Callers or missions that it still holds, by its own metrics.
    pub(crate) held: f64,
}

/// One request after the end, to one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    pub(crate) gateway: String,
    pub(crate) ready: bool,
    pub(crate) stored: bool,
    pub(crate) millis: u64,
}

/// A key that was asked for again after the end.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    pub(crate) before: Vec<Mission>,
    pub(crate) after: Outcome,
}

/// Everything that is judged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) told: Vec<Told>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) rows: Vec<Mission>,
    /// The rows as they stood during the run.
    pub(crate) earlier: Vec<Mission>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) queues: Vec<QueueAtRest>,
    pub(crate) parts: Vec<PartAtRest>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) replays: Vec<Replay>,
    /// How many more rows stood after the replays.
    pub(crate) replayed_rows: u64,
    /// Messages in the queue that nobody may answer to.
    pub(crate) canary: u64,
    /// Lines of logs with a password.
    pub(crate) leaks: Vec<String>,
}

impl Evidence {
    /// The rows by their ids.
    pub(crate) fn by_id(&self) -> HashMap<Uuid, &Mission> {
        self.rows.iter().map(|row| (row.id, row)).collect()
    }
}

/// Every row.
///
/// # Errors
/// The database does not answer, or a row cannot be read.
pub(crate) fn rows(database: &MariaDb) -> Result<Vec<Mission>, Failure> {
    let said = database.sql(&format!(
        "SELECT LOWER(HEX(id)), dossier, objective, target, casebook, \
         DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%fZ') FROM {DATABASE}.missions"
    ))?;
    let row = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        let id = Uuid::parse_str(&columns.next()?).ok()?;
        let mut next = || columns.next();
        Some(Mission {
            id,
            dossier: next()?,
            objective: next()?,
            target: next()?,
            casebook: next()?,
            created_at: next()?,
        })
    };
    said.lines().map(|line| row(line).ok_or_else(|| format!("no row: {line}").into())).collect()
}

/// Every dead letter.
///
/// # Errors
/// The database does not answer.
pub(crate) fn letters(database: &MariaDb) -> Result<Vec<Letter>, Failure> {
    let said = database
        .sql(&format!("SELECT tries, role, HEX(body), reason FROM {DATABASE}.dead_letters"))?;
    let letter = |line: &str| {
        let mut columns = line.split('\t');
        let (tries, role) = (columns.next()?.parse().ok()?, columns.next()?.to_owned());
        let body = columns.next().map(bytes_of)?;
        let reason = columns.next().unwrap_or_default().to_owned();
        Some(Letter { reason, role, tries, missions: missions_of(&body) })
    };
    Ok(said.lines().filter_map(letter).collect())
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn missions_of(body: &[u8]) -> Vec<Uuid> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let ids = body.get("missions").and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}

/// What every durable queue holds.
///
/// # Errors
/// RabbitMQ does not answer.
pub(crate) fn queues(system: &System) -> Result<Vec<QueueAtRest>, Failure> {
    let path =
        format!("/api/queues/{}?disable_stats=true&enable_queue_totals=true", system.vhost.name());
    let said = call(&system.rabbits.first().management_url(), "GET", &path, "")?;
    let all: Vec<Value> = serde_json::from_str(&said.body)?;
    let queue = |value: &Value| {
        let name = value.get("name")?.as_str()?.to_owned();
        let messages = value.get("messages").and_then(Value::as_u64).unwrap_or(0);
        name.starts_with("mission.").then_some(QueueAtRest { name, messages })
    };
    Ok(all.iter().filter_map(queue).collect())
}

/// What every process holds.
pub(crate) fn parts(system: &System) -> Vec<PartAtRest> {
    let part = |part: &crate::system::Part| {
        let held = ["spymission_callers_waiting", "spymission_missions_in_flight"];
        let held = held.iter().filter_map(|name| part.gauge(name)).sum();
        PartAtRest { name: part.name(), peak: part.process().memory("VmHWM"), held }
    };
    system.parts.iter().map(part).collect()
}

/// Lines with a password.
pub(crate) fn leaks(system: &System) -> Vec<String> {
    let of = |part: &crate::system::Part| {
        let log = part.log();
        let wrong = log.lines().filter(|line| line.contains(SECRET));
        wrong.map(|line| format!("{}: {line}", part.name())).collect::<Vec<_>>()
    };
    system.parts.iter().flat_map(of).collect()
}
