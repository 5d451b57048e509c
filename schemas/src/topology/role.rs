//! The roles: what a process does, and what it needs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::table::{
    DEAD_LETTER_QUEUE, DEAD_LETTERS, DECISION_QUEUE, DECISIONS, EVENTS, Exchange, PARTS, Queue,
    REPLIES, REQUEST_QUEUE, REQUESTS, part_queue,
};
use crate::Part;

/// What a process does. In JSON it is its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "&'static str")]
pub enum Role {
    /// Takes requests over HTTP.
    Gateway,
    /// Takes requests from the queue, and has their missions drawn and stored.
    Decider,
    /// Draws this part.
    Part(Part),
    /// Writes missions to the database.
    Persister,
}

/// What a role does on the broker, and what else it needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Duties {
    /// The queues that it consumes.
    pub reads: Vec<Queue>,
    /// The exchanges to which it publishes.
    pub writes: Vec<Exchange>,
    /// Whether it sends requests to our other processes, and so has a reply queue.
    pub requests: bool,
    /// Whether it listens to events, and so has an event queue.
    pub listens: bool,
    /// Whether it replies to the own queues of AMQP callers.
    pub replies_to_callers: bool,
    /// Whether it needs the database.
    pub database: bool,
}

impl Role {
    /// Every role, in the order in which processes are stopped: an earlier role may wait for a later
    /// one.
    #[expect(
        clippy::indexing_slicing,
        reason = "the compiler evaluates it, and finds a wrong index"
    )]
    pub const ALL: [Self; 3 + Part::ALL.len()] = {
        let mut all = [Self::Persister; 3 + Part::ALL.len()];
        (all[0], all[1]) = (Self::Gateway, Self::Decider);
        let mut place = 0;
        while place < Part::ALL.len() {
            all[2 + place] = Self::Part(Part::ALL[place]);
            place += 1;
        }
        all
    };

    /// Its place in [`ALL`](Self::ALL).
    pub const fn index(self) -> usize {
        match self {
            Self::Gateway => 0,
            Self::Decider => 1,
            Self::Part(part) => 2 + part as usize,
            Self::Persister => Self::ALL.len() - 1,
        }
    }

    /// Its name: one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Decider => "decider",
            Self::Part(part) => part.name(),
            Self::Persister => "persister",
        }
    }

    /// The role with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Every role but these.
    pub fn all_but(these: &[Self]) -> Vec<Self> {
        Self::ALL.into_iter().filter(|role| !these.contains(role)).collect()
    }

    /// The arguments with which the command `spymission` runs a process of this role.
    pub fn command(self) -> Vec<&'static str> {
        match self {
            Self::Gateway => vec![self.name()],
            Self::Decider | Self::Part(_) | Self::Persister => vec!["worker", self.name()],
        }
    }

    /// Its name in a sentence: `number worker`.
    pub fn title(self) -> String {
        match self {
            Self::Part(part) => format!("{} worker", part.name()),
            Self::Gateway | Self::Decider | Self::Persister => self.name().to_owned(),
        }
    }

    /// What it does on the broker, and what else it needs.
    pub fn duties(self) -> Duties {
        let mut duties = self.own_duties();
        duties.writes.push(EVENTS); // its status, and what it stored
        duties
    }

    /// What it does beside publishing its status.
    fn own_duties(self) -> Duties {
        match self {
            Self::Gateway => Duties {
                writes: vec![REQUESTS],
                requests: true,
                listens: true,
                database: true,
                ..Duties::default()
            },
            Self::Decider => Duties {
                reads: vec![REQUEST_QUEUE],
                // Requests: those that are split or published again.
                writes: vec![REQUESTS, PARTS, DECISIONS, REPLIES, DEAD_LETTERS],
                requests: true,
                replies_to_callers: true,
                ..Duties::default()
            },
            Self::Part(part) => {
                Duties { reads: vec![part_queue(part)], writes: vec![REPLIES], ..Duties::default() }
            }
            Self::Persister => Duties {
                reads: vec![DECISION_QUEUE, DEAD_LETTER_QUEUE],
                // Dead letters: those that were delivered too often are published again.
                writes: vec![REPLIES, DEAD_LETTERS],
                database: true,
                ..Duties::default()
            },
        }
    }
}

impl From<Role> for &'static str {
    fn from(role: Role) -> Self {
        role.name()
    }
}

impl TryFrom<Cow<'_, str>> for Role {
    type Error = String;

    fn try_from(name: Cow<'_, str>) -> Result<Self, String> {
        Self::parse(&name).ok_or_else(|| format!("no role of this version: {name}"))
    }
}

impl JsonSchema for Role {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::QUEUES;

    #[test]
    fn every_role_has_a_name_of_its_own() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            assert_eq!(Role::ALL[role.index()], role);
        }
    }

    #[test]
    fn every_queue_is_read_by_one_role() {
        for queue in QUEUES {
            let reads = |role: &Role| role.duties().reads.contains(&queue);
            assert_eq!(Role::ALL.into_iter().filter(reads).count(), 1, "{}", queue.name);
        }
    }
}
