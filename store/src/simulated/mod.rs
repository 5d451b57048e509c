//! The tables of a simulation: in memory, and each statement does what a plan says.

mod plan;
mod tables;

pub use plan::{Fate, Outcome, Plan};
pub use tables::Tables;
