//! The workers, in the order of a mission's way. A [`decider`] takes the request and requests each
//! [`part`] of its missions from a worker. It decides, and has a [`persister`] store the missions.
//! Any number of each may run. None keeps anything that another needs.

pub mod decider;
mod parts;
pub mod persister;

pub use parts::part;

/// Our own types always make JSON: their keys are strings and nothing in them can fail.
fn json(message: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
