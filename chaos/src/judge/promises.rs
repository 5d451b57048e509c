//! What was promised stands, and nothing else.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::found::Found;
use crate::evidence::Evidence;
use crate::history::{NO_CONNECTION, Outcome, Told, Way};

/// A request may wait in the queue this long before the fault that deletes it, in milliseconds.
const IN_QUEUE: u64 = 30_000;

/// Every accepted mission is a row or in a dead letter, unless its queue was deleted under it.
pub(super) fn loss(evidence: &Evidence) -> Found {
    let (rows, letters) = (evidence.by_id(), set_aside(evidence));
    let deleted = |told: &Told| {
        let mut destroying = evidence.faults.iter().filter(|fault| fault.destroys);
        destroying.any(|fault| told.began <= fault.ended && told.ended + IN_QUEUE >= fault.began)
    };
    let (mut looked, mut wrong) = (0, Vec::new());
    for told in &evidence.told {
        let Outcome::Accepted(ids) = &told.outcome else { continue };
        for id in ids {
            looked += 1;
            if !rows.contains_key(id) && !letters.contains(id) && !deleted(told) {
                wrong.push(format!(
                    "{id}, accepted at {} ms over {:?}, is gone",
                    told.ended, told.way
                ));
            }
        }
    }
    (looked, wrong)
}

/// An id stands once, and is told to one request only; a key is one request.
pub(super) fn uniqueness(evidence: &Evidence) -> Found {
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for row in &evidence.rows {
        if !seen.insert(row.id) {
            wrong.push(format!("{} stands twice", row.id));
        }
    }
    let mut owners: HashMap<Uuid, (u32, Option<&str>)> = HashMap::new();
    for told in &evidence.told {
        let owner = (told.caller, told.key.as_deref());
        for id in told.promised() {
            let first = owners.insert(id, owner);
            let again = first.is_some_and(|first| first != owner || owner.1.is_none());
            if again {
                wrong.push(format!("{id} was given to two requests"));
            }
        }
    }
    (seen.len() + owners.len(), wrong)
}

/// Rows that nobody asked for. What a keyless request over HTTP left that had no answer is not known
/// by its id, so only as many.
pub(super) fn ghosts(evidence: &Evidence) -> Found {
    let asked: HashSet<Uuid> = evidence.told.iter().flat_map(asked).collect();
    let nameless = |told: &&Told| told.way == Way::Http && told.key.is_none();
    let unknown = evidence.told.iter().filter(nameless).filter(|told| {
        matches!(told.outcome, Outcome::Unknown(_)) // they may have been done
    });
    let may_be: usize = unknown.map(|told| told.count).sum();
    let rows = evidence.rows.iter().map(|row| row.id);
    let set_aside = evidence.letters.iter().flat_map(|letter| letter.missions.iter().copied());
    let ghosts: HashSet<Uuid> = rows.chain(set_aside).filter(|id| !asked.contains(id)).collect();
    let mut wrong: Vec<String> =
        ghosts.iter().map(|id| format!("{id} was not asked for")).collect();
    if wrong.len() <= may_be {
        wrong.clear();
    }
    (evidence.rows.len() + evidence.letters.len(), wrong)
}

/// Every told mission stands at the end, and stood when another gateway was asked at once.
pub(super) fn commit_before_reply(evidence: &Evidence) -> Found {
    let rows = evidence.by_id();
    let (mut looked, mut wrong) = (0, Vec::new());
    for told in &evidence.told {
        let Outcome::Stored(missions) = &told.outcome else { continue };
        looked += missions.len();
        let absent = missions.iter().filter(|mission| !rows.contains_key(&mission.id));
        wrong.extend(absent.map(|mission| format!("{} was told and does not stand", mission.id)));
        if told.read_back == Some(404) {
            wrong.push(format!("what was told at {} ms was not there when read", told.ended));
        }
    }
    (looked, wrong)
}

/// A key that got nothing but refusals has no row.
pub(super) fn failures(evidence: &Evidence) -> Found {
    let rows = evidence.by_id();
    let refused = |told: &Told| matches!(told.outcome, Outcome::Refused(_));
    let mut certain: HashMap<&[Uuid], bool> = HashMap::new();
    for told in evidence.told.iter().filter(|told| !told.ids.is_empty()) {
        *certain.entry(&told.ids).or_insert(true) &= refused(told);
    }
    let refused: Vec<_> = certain.iter().filter(|(_, refused)| **refused).collect();
    let stored = refused.iter().flat_map(|(ids, _)| ids.iter()).filter(|id| rows.contains_key(*id));
    (refused.len(), stored.map(|id| format!("{id} was refused and stands")).collect())
}

/// The most missions of one request.
const MOST: usize = 256;

/// Every request that was not wrong on purpose is told its missions, or that they will be stored.
pub(super) fn none_fails(evidence: &Evidence) -> Found {
    let asked_well = evidence.told.iter().filter(|told| told.count <= MOST);
    let failed = asked_well.clone().filter(|told| match &told.outcome {
        Outcome::Stored(_) | Outcome::Accepted(_) => false,
        Outcome::Refused(why) => why != NO_CONNECTION,
        Outcome::SetAside(_) | Outcome::Unknown(_) => true,
    });
    let failed = failed.map(|told| {
        format!("{:?} at {} to {} ms: {:?}", told.way, told.began, told.ended, told.outcome)
    });
    (asked_well.count(), failed.collect())
}

/// The missions that dead letters name.
fn set_aside(evidence: &Evidence) -> HashSet<Uuid> {
    evidence.letters.iter().flat_map(|letter| letter.missions.iter().copied()).collect()
}

/// The ids that a caller asked for or was told.
fn asked(told: &Told) -> Vec<Uuid> {
    told.promised().chain(told.ids.iter().copied()).collect()
}
