//! Dead letters: [`drain`] moves them from their queue into the table; an operator's tool or page
//! [replays](replay), [corrects or discards](decide) them, and [follows](follow) what became of a
//! replay.
//!
//! Every step is a row of its own, written before or after the thing it tells of, so that a process
//! may die anywhere: a letter is acknowledged when its row is committed; a replay is recorded before
//! it is published, and its outcome afterwards. What is done twice for that reason does not show,
//! because the same ids mean the same missions and the same letter.

pub mod decide;
pub mod drain;
pub mod follow;
pub mod replay;
mod row;
mod step;

pub use step::{Clock, Error, Outcome, Stand};
