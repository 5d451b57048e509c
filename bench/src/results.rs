//! What a run has measured. It is kept as JSON beside what is written from it.

use serde::{Deserialize, Serialize};

use super::machine::Machine;
use super::spread::{median, range};

/// What is measured under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    /// Missions over HTTP, a process for each role.
    Cluster,
    /// The same, at most one mission a message.
    Single,
    /// The same, in a table that was filled before.
    Full,
    /// Missions over HTTP, one process.
    Embedded,
    /// Missions over AMQP, a process for each role, each caller with a queue of its own.
    OwnQueues,
    /// The same with direct reply-to.
    DirectReplies,
    /// `GET /livez` of the gateway in a process of its own.
    ClusterLivez,
    /// `GET /livez` of the one process.
    EmbeddedLivez,
    /// `POST /missions` to a server that only replies.
    Bare,
    /// `GET /missions/{id}` of the one process.
    Mission,
    /// Pages of the list of the one process.
    List,
    /// Pages anywhere in the list of the filled table.
    FullList,
}

/// One load.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Good replies per second.
    pub(crate) rate: f64,
    /// Milliseconds that half of the requests did not exceed.
    pub(crate) p50: f64,
    /// The same for 99 %.
    pub(crate) p99: f64,
    /// The same for 99.9 %.
    pub(crate) p99_9: f64,
    /// Requests without a good reply.
    pub(crate) errors: u64,
    /// Good replies, those of the warm-up included.
    pub(crate) replies: u64,
    /// Microseconds of processor time for each good reply, by process and server.
    pub(crate) cpu: Vec<(String, f64)>,
    /// Missions in one request message.
    pub(crate) batch: Option<f64>,
    /// Rows in one statement.
    pub(crate) rows: Option<f64>,
    /// Resident memory of all processes of ours at the end, in KiB.
    pub(crate) memory: u64,
}

impl Sample {
    /// Microseconds of processor time for each reply: of all processes and servers.
    pub(crate) fn cpu(&self) -> f64 {
        self.cpu.iter().map(|(_, micros)| micros).sum()
    }

    /// The same of one of them.
    pub(crate) fn cpu_of(&self, name: &str) -> f64 {
        self.cpu.iter().filter(|(other, _)| other == name).map(|(_, micros)| micros).sum()
    }
}

/// The same load in each round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Level {
    pub(crate) what: What,
    pub(crate) callers: usize,
    pub(crate) rounds: Vec<Sample>,
}

impl Level {
    /// The median of all rounds.
    pub(crate) fn median(&self, figure: impl Fn(&Sample) -> f64) -> f64 {
        median(self.rounds.iter().map(figure))
    }

    /// The least and the greatest of all rounds.
    pub(crate) fn range(&self, figure: impl Fn(&Sample) -> f64) -> (f64, f64) {
        range(self.rounds.iter().map(figure))
    }

    /// Requests without a good reply, in all rounds.
    pub(crate) fn errors(&self) -> u64 {
        self.rounds.iter().map(|sample| sample.errors).sum()
    }
}

/// What single steps of the way cost without us, one at a time: medians in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Floor {
    /// `GET /livez` of the gateway.
    pub(crate) http: f64,
    /// A message published to a quorum queue, until it is confirmed.
    pub(crate) confirm: f64,
    /// A transient message to the workers of all parts, and their replies.
    pub(crate) parts: f64,
    /// A transient message to a persister, and its reply.
    pub(crate) decisions: f64,
    /// A row inserted and committed.
    pub(crate) commit: f64,
    /// A persistent message published to somebody's own queue, until it is confirmed.
    pub(crate) own_queue: f64,
}

impl Floor {
    /// What a mission needs of these, one after the other.
    pub(crate) fn sum(&self) -> f64 {
        let Self { http, confirm, parts, decisions, commit, own_queue: _ } = self;
        http + confirm + parts + decisions + commit
    }
}

/// Everything that a run has measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    /// How long each load was measured.
    pub(crate) seconds: u64,
    pub(crate) rounds: u32,
    /// How many rows the second table was filled with.
    pub(crate) rows: Option<u64>,
    pub(crate) levels: Vec<Level>,
    /// One for each round.
    pub(crate) floors: Vec<Floor>,
    /// Milliseconds from the start of `up` to its first mission, one for each round.
    pub(crate) starts: Vec<f64>,
}

impl Results {
    /// One more round of a load.
    pub(crate) fn add(&mut self, what: What, callers: usize, sample: Sample) {
        let same = |level: &&mut Level| (level.what, level.callers) == (what, callers);
        match self.levels.iter_mut().find(same) {
            Some(level) => level.rounds.push(sample),
            None => self.levels.push(Level { what, callers, rounds: vec![sample] }),
        }
    }

    /// This load, if it was measured.
    pub(crate) fn level(&self, what: What, callers: usize) -> Option<&Level> {
        self.levels.iter().find(|level| (level.what, level.callers) == (what, callers))
    }

    /// The median of a floor, if floors were measured.
    pub(crate) fn floor(&self, figure: impl Fn(&Floor) -> f64) -> Option<f64> {
        (!self.floors.is_empty()).then(|| median(self.floors.iter().map(figure)))
    }
}
