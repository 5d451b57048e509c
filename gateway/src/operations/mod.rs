//! What operators and their tools ask: whether this gateway is ready, and how the whole system does.
//!
//! The `observer` hears the status of every process (`registry`, `seen`), looks at the queues
//! (`depths`) and the database (`database`, `letters`), says in words how the system does (`verdict`), and notes what
//! went wrong (`incidents`). `access` decides who may ask, `page` and `drill` answer, and
//! `live` tells what changes.

pub(crate) mod access;
mod database;
mod depths;
pub(crate) mod drill;
mod incidents;
mod letters;
mod live;
pub(crate) mod metrics;
pub(crate) mod observer;
pub(crate) mod page;
pub(crate) mod ready;
mod registry;
mod seen;
#[cfg(test)]
mod tests;
mod verdict;
