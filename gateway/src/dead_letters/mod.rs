//! The resource `/operations/dead-letters`: operators look at letters, replay, correct and discard
//! them, and follow what became of it. For each address there is JSON for tools and a page for
//! browsers, which works without a script.
//!
//! `query` and `order` read what is asked, `operator` decides who may, `read` and `act` answer, `runs`
//! carries out replays beside the requests, and `record` says what became of them.

mod act;
mod operator;
mod order;
mod query;
mod read;
mod record;
pub(crate) mod runs;

pub(crate) use act::{correct, discard, replay};
pub(crate) use operator::DeadLetters;
pub(crate) use read::{edit, groups, letter, list, preview};
pub(crate) use record::record;
