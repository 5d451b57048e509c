//! Dead letters: [`drain`] moves them from their queue into the table; an operator's tool or page
//! [selects](select), [corrects or discards](decide) them, replays them in a [`batch`], and reads the
//! [`record`] of what became of them.
//!
//! Every step is a row of its own, written before or after the thing it tells of, so that a process
//! may die anywhere: a letter is acknowledged when its row is committed; a replay is recorded before
//! it is published, and its outcome afterwards. What is done twice for that reason does not show,
//! because the same ids mean the same missions and the same letter.

pub mod batch;
pub mod decide;
pub mod drain;
mod follow;
mod patience;
pub mod record;
mod replay;
mod row;
pub mod select;
mod step;
mod watch;

pub use follow::{Fate, Replayed};
pub use patience::Event;
pub use step::{Clock, Error, Outcome, Stand};
