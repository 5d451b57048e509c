//! How the system does: what is known goes in, what is not as it should be comes out. `words` says it.

pub(super) mod words;

use schemas::operations::{Level, QueueState, Replica, ReplicaState, RoleState};
use schemas::{CreatedAt, Role, Status};

/// After how many seconds a broker is called away.
const AWAY: u64 = 2;
/// Names of incidents.
const BROKER_AWAY: &str = "broker away";
const DATABASE_AWAY: &str = "database away";
const FILLING: &str = " nearly full";
/// How long a process may take until it is at work, in microseconds.
const START: i64 = 10_000_000;

/// What is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Why this gateway has no session with the broker, and for how many seconds.
    pub(super) broker: Option<(String, u64)>,
    /// Why the database cannot be used.
    pub(super) database: Option<&'static str>,
    /// The time on this gateway's clock.
    pub(super) now: Option<CreatedAt>,
    /// For how many seconds this gateway has heard the other processes.
    pub(super) listening: u64,
    /// Requests that wait, as far as is known.
    pub(super) waiting: u64,
    /// Dead letters about which somebody has to decide.
    pub(super) dead_letters: DeadLetters,
    pub(super) roles: Vec<RoleState>,
    pub(super) queues: Vec<QueueState>,
}

/// Dead letters about which somebody has to decide, as they were seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum DeadLetters {
    /// Nobody has looked.
    #[default]
    Unseen,
    /// Their table could not be read.
    Unread,
    /// So many.
    Open(u64),
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Situation {
    /// There is no session with the broker.
    BrokerAway { why: String, seconds: u64 },
    /// The database cannot be used.
    DatabaseAway { why: &'static str },
    /// No process of this role is there; for so many seconds, and whether there ever was one.
    Nobody { role: Role, seconds: u64, known: bool },
    /// Somebody consumes the queue of this role, but says no status.
    Unheard { role: Role },
    /// Every process of this role waits for something.
    Waits { role: Role, why: String },
    /// Some process of this role waits for something, and goes on.
    Degraded { role: Role, why: String },
    /// This queue is nearly full.
    Filling { queue: String, messages: u64, most: u64 },
    /// Some processes of this role are gone, and nobody took their place.
    Gone { role: Role, gone: u64, left: usize },
    /// So many dead letters wait for a decision.
    DeadLetters { open: u64 },
    /// Nobody knows whether dead letters wait for a decision.
    UnreadDeadLetters,
    /// Processes have different versions.
    Versions { all: Vec<String> },
}

impl Facts {
    /// Whether enough is known to say that the situation of this name does not last.
    pub(super) fn knows(&self, name: &str) -> bool {
        if let Some(queue) = name.strip_suffix(FILLING) {
            return self.queues.iter().any(|seen| seen.name == queue && seen.messages.is_some());
        }
        // Without the broker the others are not heard.
        self.broker.is_none() || [BROKER_AWAY, DATABASE_AWAY].contains(&name)
    }

    /// Whether a process has started so lately that it need not be at work.
    fn has_just_started(&self, replica: &Replica) -> bool {
        let age = |now: CreatedAt| now.micros().saturating_sub(replica.since.micros());
        self.now.map(age).is_some_and(|age| age < START)
    }
}

impl Situation {
    /// How bad it is.
    pub(super) fn level(&self) -> Level {
        match self {
            Self::BrokerAway { .. }
            | Self::DatabaseAway { .. }
            | Self::Nobody { .. }
            | Self::Waits { .. }
            | Self::Filling { .. } => Level::Act,
            Self::Unheard { .. }
            | Self::Degraded { .. }
            | Self::Gone { .. }
            | Self::DeadLetters { .. }
            | Self::UnreadDeadLetters
            | Self::Versions { .. } => Level::Note,
        }
    }

    /// Whether it is noted as an incident.
    pub(super) fn is_recorded(&self) -> bool {
        self.level() == Level::Act || matches!(self, Self::Gone { .. } | Self::Unheard { .. })
    }
}

/// What is not as it should be, the worst first.
pub(super) fn situations(facts: &Facts) -> Vec<Situation> {
    let mut all = Vec::new();
    // A shorter absence is not worth a word.
    let away = facts.broker.as_ref().filter(|(_, seconds)| *seconds >= AWAY);
    if let Some((why, seconds)) = away {
        all.push(Situation::BrokerAway { why: why.clone(), seconds: *seconds });
    }
    all.extend(facts.database.map(|why| Situation::DatabaseAway { why }));
    if facts.broker.is_some() {
        return all; // nothing else is known
    }
    all.extend(facts.roles.iter().filter_map(|role| of_role(facts, role)));
    all.extend(facts.queues.iter().filter_map(filling));
    all.extend(facts.roles.iter().filter_map(gone));
    if all.iter().any(|situation| matches!(situation, Situation::Nobody { .. })) {
        // Who waits for them is not to blame.
        all.retain(|situation| !matches!(situation, Situation::Degraded { .. }));
    }
    all.extend(dead_letters(facts));
    all.extend(versions(&facts.roles));
    all.sort_by_key(|situation| std::cmp::Reverse(situation.level()));
    all
}

/// What is wrong with a role as a whole.
fn of_role(facts: &Facts, state: &RoleState) -> Option<Situation> {
    let role = state.role;
    let mut present = state.replicas.iter().filter(|replica| replica.state.is_present());
    let Some(first) = present.clone().next() else { return nobody(facts, state) };
    let waits = |replica: &Replica| {
        replica.state == ReplicaState::Waiting && !facts.has_just_started(replica)
    };
    if present.clone().all(waits) {
        let why = first.why.clone().unwrap_or_default();
        return Some(Situation::Waits { role, why });
    }
    let degraded = present.find(|replica| replica.state == ReplicaState::Degraded)?;
    let why = degraded.why.clone().unwrap_or_default();
    Some(Situation::Degraded { role, why })
}

fn nobody(facts: &Facts, state: &RoleState) -> Option<Situation> {
    let role = state.role;
    if role == Role::Gateway {
        return None; // whoever says this is one
    }
    let last = state.replicas.iter().map(|replica| replica.silent).min();
    // Who was never heard may not have spoken yet.
    if last.is_none() && facts.listening < Status::GONE {
        return None;
    }
    let consumed = role.duties().reads.iter().any(|queue| {
        let shown = facts.queues.iter().find(|shown| shown.name == queue.name);
        shown.and_then(|shown| shown.consumers).is_some_and(|consumers| consumers > 0)
    });
    if consumed && last.is_none() {
        return Some(Situation::Unheard { role });
    }
    let seconds = last.unwrap_or(facts.listening);
    Some(Situation::Nobody { role, seconds, known: last.is_some() })
}

fn filling(queue: &QueueState) -> Option<Situation> {
    let (messages, most) = (queue.messages?, queue.most?);
    let full = messages.saturating_mul(5) >= most.saturating_mul(4);
    full.then(|| Situation::Filling { queue: queue.name.clone(), messages, most })
}

/// Processes that are gone while others are there.
fn gone(state: &RoleState) -> Option<Situation> {
    let left = state.replicas.iter().filter(|replica| replica.state.is_present()).count();
    let is_so = state.missing > 0 && left > 0;
    is_so.then_some(Situation::Gone { role: state.role, gone: state.missing, left })
}

/// The table of dead letters. That it cannot be read is worth a word only while the database answers.
fn dead_letters(facts: &Facts) -> Option<Situation> {
    match facts.dead_letters {
        DeadLetters::Open(open) if open > 0 => Some(Situation::DeadLetters { open }),
        DeadLetters::Unread if facts.database.is_none() => Some(Situation::UnreadDeadLetters),
        DeadLetters::Open(_) | DeadLetters::Unread | DeadLetters::Unseen => None,
    }
}

fn versions(roles: &[RoleState]) -> Option<Situation> {
    let replicas = roles.iter().flat_map(|role| &role.replicas);
    let present = replicas.filter(|replica| replica.state.is_present());
    let mut all: Vec<_> = present.map(|replica| replica.version.clone()).collect();
    all.sort();
    all.dedup();
    (all.len() > 1).then_some(Situation::Versions { all })
}

#[cfg(test)]
mod tests;
