//! What `cargo xtask bench` measures, and what it writes. It is never delivered.
//!
//! A run is a list of steps (`plan`). Each puts one load on one system, or measures one floor: what a
//! server or the network costs without us. The rounds repeat all steps, so that a disturbance of the
//! machine hits everything alike, and medians are shown. Speed never fails a run; a wrong reply or a
//! lost row does.
#![expect(clippy::print_stdout, reason = "its tables are its output")]

mod bare;
mod callers;
mod failure;
mod judge;
mod look;
mod machine;
mod metrics;
mod options;
mod paths;
mod plan;
mod progress;
mod results;
mod rows;
mod run;
mod site;
mod spread;
mod system;
mod table;
mod tables;
mod targets;
mod watched;
mod write;

pub use failure::Failure;
pub use options::Options;
pub use run::run;
