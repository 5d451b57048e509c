//! The agents, in the order in which a mission meets them: a [`decider`] takes the request and
//! asks one worker of each [`part`]; it decides, and asks a [`persister`] to store. Any number of each may run; none keeps anything that another needs.

pub mod decider;
mod parts;
pub mod persister;

pub use parts::part;

/// Our own types always make JSON: their keys are strings and nothing in them can fail.
fn json(message: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
