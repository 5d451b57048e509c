//! What each role and an operator may do on the broker. `check` tries it, and
//! `topology definitions` grants it.

use super::role::{Duties, Role};
use super::table::{EVENTS, Exchange, NAMESPACE, Queue, REPLIES, event_queue, reply_queue};

/// The name of the default exchange in RabbitMQ's permissions. Replies to callers' own queues go
/// through it.
pub const DEFAULT_EXCHANGE: &str = "amq.default";

/// Who logs in to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// A process of this role.
    Role(Role),
    /// The tools of operators, which also declare the topology.
    Operator,
}

/// Exchanges and queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// This one.
    Exactly(&'static str),
    /// All names that begin with this text.
    Beginning(String),
}

/// What a login may do. It needs all of it, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// What it may declare and delete.
    pub configure: Vec<Names>,
    /// What it may publish to, and which queues it may bind.
    pub write: Vec<Names>,
    /// What it may consume, and to which exchanges it may bind.
    pub read: Vec<Names>,
}

impl Login {
    /// The name of the operator's login.
    const OPERATOR: &str = "operator";

    /// Every login.
    pub fn all() -> Vec<Self> {
        Role::ALL.into_iter().map(Self::Role).chain([Self::Operator]).collect()
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role(role) => role.name(),
            Self::Operator => Self::OPERATOR,
        }
    }

    /// The login with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|login| login.name() == name)
    }

    /// What it may do.
    pub fn rights(self) -> Rights {
        match self {
            Self::Role(role) => of_role(role),
            Self::Operator => {
                let all = [NAMESPACE, reply_queue::PREFIX, event_queue::PREFIX];
                let all = all.map(|name| Names::Beginning(name.to_owned())).to_vec();
                let mut rights = Rights { configure: all.clone(), write: all.clone(), read: all };
                rights.write.push(Names::Exactly(DEFAULT_EXCHANGE));
                rights
            }
        }
    }
}

/// The rights that the duties of a role need.
fn of_role(role: Role) -> Rights {
    let Duties { reads, writes, requests, listens, replies_to_callers, database: _ } =
        role.duties();
    let mut rights = Rights::default();
    if requests {
        rights.own_queue(reply_queue::PREFIX, role, REPLIES);
    }
    if listens {
        rights.own_queue(event_queue::PREFIX, role, EVENTS);
    }
    rights.read.extend(reads.iter().map(|Queue { name, .. }| Names::Exactly(name)));
    rights.write.extend(writes.iter().map(|Exchange { name, .. }| Names::Exactly(name)));
    if replies_to_callers {
        rights.write.push(Names::Exactly(DEFAULT_EXCHANGE));
    }
    rights
}

impl Rights {
    /// A queue that the role declares for itself, binds to `source`, and consumes.
    fn own_queue(&mut self, prefix: &str, role: Role, source: Exchange) {
        let own = Names::Beginning(format!("{prefix}{}.", role.name()));
        self.configure.push(own.clone());
        self.write.push(own.clone());
        self.read.extend([own, Names::Exactly(source.name)]);
    }
}
