//! What a simulation decides about statements.

use std::time::Duration;

use schemas::{Mission, MissionId};

/// What becomes of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// How long it takes until it is carried out.
    pub before: Duration,
    /// How long its answer takes.
    pub after: Duration,
    /// How it ends.
    pub outcome: Outcome,
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is carried out.
    Done,
    /// It is carried out, and its answer is lost with the connection.
    Unanswered,
    /// The connection is lost before it is carried out.
    Broken,
    /// It loses to a rival: a deadlock.
    Deadlock,
    /// The database is away.
    Away,
}

/// What a simulation decides, and what it is told. Calls come from inside of tasks: they do not wait.
pub trait Plan: Send + Sync {
    /// What becomes of the next statement.
    fn statement(&self, writes: bool) -> Fate;
    /// Whether the database refuses a row with this id.
    fn refuses(&self, id: MissionId) -> bool;
    /// These missions are committed.
    fn committed(&self, missions: &[Mission]);
}
