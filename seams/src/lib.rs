//! What a simulation puts in the place of chance, and the defects that it plants.
//!
//! The jitter of pauses and the names of queues come from [`chance`]: a simulation seeds it, so that a
//! schedule can be repeated. [`planted`] is how the simulation is tested: it has to find each defect of
//! [`Mutant`]. A release build has no planted defects.

pub mod chance;
mod mutant;

#[cfg(debug_assertions)]
pub use mutant::plant;
pub use mutant::{Mutant, planted};
