//! The kinds of fault.

use schemas::Role;
use serde::Serialize;

use crate::proxy::Toxic;
use crate::system::{Line, System};

/// What happens to a process or a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Blow {
    /// SIGKILL, and a start.
    Killed,
    /// SIGSTOP, and SIGCONT.
    Frozen,
    /// SIGTERM, and a start.
    Stopped,
}

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Piece {
    Exchange,
    Queue,
    Binding,
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Process(Role, Blow),
    /// Replaced by the previous release, and back.
    Replaced(Role),
    Broker(Blow),
    Database(Blow),
    Deleted(Piece),
    PermissionsRevoked,
    BrokerPasswordChanged,
    DatabasePasswordChanged,
    MemoryAlarm,
    DiskAlarm,
    DatabaseDiskFull,
    BrokerConnectionsClosed,
    DatabaseReadOnly,
    TableLocked,
    RowsLocked,
    DatabaseConnectionsKilled,
    Bad(Line, Toxic),
    /// The clock of the second gateway, decider and persister.
    ClockStepped(&'static str),
}

const BLOWS: [Blow; 3] = [Blow::Killed, Blow::Frozen, Blow::Stopped];

impl Kind {
    /// All of them; those of a previous release only if there is one.
    pub(crate) fn all(previous: bool) -> Vec<Self> {
        let blows = || BLOWS.into_iter();
        let roles = || Role::all_but(&[]).into_iter();
        let processes = roles().flat_map(|role| blows().map(move |blow| Self::Process(role, blow)));
        let replaced = roles().map(Self::Replaced).filter(|_| previous);
        let servers = blows().flat_map(|blow| [Self::Broker(blow), Self::Database(blow)]);
        let pieces = [Piece::Exchange, Piece::Queue, Piece::Binding].map(Self::Deleted);
        let lines = [Line::GatewaysToBroker, Line::WorkersToBroker, Line::ToDatabase];
        let toxics =
            [Toxic::Latency, Toxic::Slices, Toxic::BlackHole, Toxic::HalfOpen, Toxic::Reset];
        let bad = lines.into_iter().flat_map(|line| toxics.map(|toxic| Self::Bad(line, toxic)));
        let once = [
            Self::PermissionsRevoked,
            Self::BrokerPasswordChanged,
            Self::DatabasePasswordChanged,
            Self::MemoryAlarm,
            Self::DiskAlarm,
            Self::DatabaseDiskFull,
            Self::BrokerConnectionsClosed,
            Self::DatabaseReadOnly,
            Self::TableLocked,
            Self::RowsLocked,
            Self::DatabaseConnectionsKilled,
            Self::ClockStepped("+1h"),
            Self::ClockStepped("-1h"),
        ];
        let all = processes.chain(replaced).chain(servers).chain(pieces).chain(bad).chain(once);
        all.collect()
    }

    /// Whether it is over at once when it is taken back: no server starts, no role is missing.
    pub(crate) fn is_quick(self) -> bool {
        match self {
            Self::Process(_, blow) => blow != Blow::Stopped,
            Self::Replaced(_) | Self::Broker(_) | Self::Deleted(_) => false,
            Self::Database(blow) => blow == Blow::Frozen,
            Self::MemoryAlarm | Self::DiskAlarm | Self::PermissionsRevoked => false,
            Self::Bad(_, toxic) => matches!(toxic, Toxic::Latency | Toxic::Slices | Toxic::Reset),
            _ => true,
        }
    }

    /// What it is, for people.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Process(role, blow) => format!("{} {}", role.name(), blow.word()),
            Self::Replaced(role) => {
                format!("{} replaced by the previous release, and back", role.name())
            }
            Self::Broker(blow) => format!("broker {}", blow.word()),
            Self::Database(blow) => format!("database {}", blow.word()),
            Self::Deleted(piece) => format!("{piece:?} deleted").to_lowercase(),
            Self::PermissionsRevoked => "permissions revoked".to_owned(),
            Self::BrokerPasswordChanged => "password of the broker changed".to_owned(),
            Self::DatabasePasswordChanged => "password of the database changed".to_owned(),
            Self::MemoryAlarm => "memory alarm".to_owned(),
            Self::DiskAlarm => "disk alarm".to_owned(),
            Self::DatabaseDiskFull => "disk of the database full".to_owned(),
            Self::BrokerConnectionsClosed => "connections of the broker closed".to_owned(),
            Self::DatabaseReadOnly => "database read-only".to_owned(),
            Self::TableLocked => "table locked".to_owned(),
            Self::RowsLocked => "deadlocks".to_owned(),
            Self::DatabaseConnectionsKilled => "connections of the database killed".to_owned(),
            Self::Bad(line, toxic) => format!("{}: {}", line.words(), toxic.words()),
            Self::ClockStepped(by) => format!("clock stepped by {by}"),
        }
    }
}

impl Blow {
    fn word(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Frozen => "frozen",
            Self::Stopped => "stopped",
        }
    }
}

impl Line {
    fn words(self) -> &'static str {
        match self {
            Self::GatewaysToBroker => "gateways to broker",
            Self::WorkersToBroker => "workers to broker",
            Self::ToDatabase => "to the database",
        }
    }
}

impl Toxic {
    fn words(self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Latency => "100 ms late",
            Self::Slices => "slices of 7 bytes",
            Self::BlackHole => "black hole",
            Self::HalfOpen => "half-open",
            Self::Reset => "reset",
        }
    }
}

/// Kinds that cannot be made here, with the reason.
pub(crate) fn skipped(system: &System, previous: bool) -> Vec<(String, String)> {
    let mut skipped = vec![(
        "page cache of the kernel lost".to_owned(),
        "only a machine without power shows it".to_owned(),
    )];
    if !system.database.has_own_disk() {
        let how = "no disk can be mounted for MariaDB (it takes root and a loop device)";
        skipped.push((Kind::DatabaseDiskFull.name(), how.to_owned()));
    }
    if system.clock.is_none() {
        let how = "libfaketime is not installed (apt-get install faketime)";
        skipped.push(("clock stepped".to_owned(), how.to_owned()));
    }
    if !previous {
        let how = "no older binary is given (--previous)";
        skipped.push(("replaced by the previous release".to_owned(), how.to_owned()));
    }
    skipped
}
