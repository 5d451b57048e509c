//! The invariants, each a pure function of the evidence.

mod found;
mod promises;
mod replies;
mod rest;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::evidence::Evidence;
use found::Found;

/// One invariant and what breaks it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Verdict {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    /// How many things were looked at.
    pub(crate) looked: usize,
    /// What is wrong; at most [`SHOWN`] of them are written out.
    pub(crate) wrong: Vec<String>,
    /// What of it cannot be judged from outside.
    pub(crate) unseen: &'static str,
}

/// How many wrongs of one invariant a report shows.
pub(crate) const SHOWN: usize = 10;

type Check = fn(&Evidence) -> Found;

/// Name, meaning, check, and what is not seen from outside.
const INVARIANTS: [(&str, &str, Check, &str); 16] = [
    ("I1", "what was accepted is a row or a dead letter", promises::loss, ""),
    ("I2", "one id is one mission, of one request", promises::uniqueness, ""),
    ("I3", "every row and every dead letter was asked for", promises::ghosts, ""),
    ("I4", "a mission that was told equals its row", replies::truth, ""),
    ("I5", "a mission that was told stands", promises::commit_before_reply, ""),
    ("I6", "a reply answers the request of its caller", replies::crossing, ""),
    (
        "I7",
        "objective and target follow from the dossier",
        replies::soundness,
        "which worker drew which half",
    ),
    ("I8", "a row never changes", replies::immutability, ""),
    ("I9", "what was refused is not stored", promises::failures, ""),
    (
        "I10",
        "nothing is left in a queue",
        rest::conservation,
        "acknowledgements per delivery; the simulation counts them",
    ),
    ("I11", "a dead letter has a reason, a role and bounded tries", rest::tries, ""),
    ("I12", "memory is bounded, and nobody is held at the end", rest::memory, "single maps"),
    ("I13", "everything answers within 5 s at the end", rest::liveness, ""),
    ("I14", "the same key again adds no row and tells the same", rest::replay, ""),
    ("I15", "no reply reaches a queue of our own namespace", rest::authority, ""),
    ("I16", "no password is in a log", rest::secrets, ""),
];

/// What holds besides when no request may fail.
const NONE_FAILS: (&str, &str, Check, &str) = (
    "R",
    "no request fails",
    promises::none_fails,
    "a gateway that refuses connections: callers ask another",
);

/// Judges everything; with `none_fails` also that no request failed.
pub(crate) fn judge(evidence: &Evidence, none_fails: bool) -> Vec<Verdict> {
    let all = INVARIANTS.into_iter().chain(none_fails.then_some(NONE_FAILS));
    let judged = all.map(|(id, what, check, unseen)| {
        let (looked, wrong) = check(evidence);
        Verdict { id, what, looked, wrong, unseen }
    });
    judged.collect()
}
