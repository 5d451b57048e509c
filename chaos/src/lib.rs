//! What `cargo xtask chaos` does: it runs every role as processes on servers of its own, breaks one
//! thing after the other under load, takes each fault back, and judges at the end what callers were
//! told against what is stored. It is never delivered.
//!
//! What cannot be broken here: the kernel's page cache. A killed server loses what it had not yet
//! given to the kernel, and no more; only a machine without power shows what a disk has really kept.
#![expect(clippy::print_stdout, reason = "its progress is its output")]

mod callers;
mod catalogue;
mod evidence;
mod failure;
mod faults;
mod history;
mod judge;
mod measures;
mod options;
mod probe;
mod proxy;
mod report;
mod run;
mod scripts;
mod system;

pub use failure::Failure;
pub use options::Options;
pub use run::run;
