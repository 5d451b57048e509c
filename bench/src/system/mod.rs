//! What is measured: the processes of spymission, and the servers that they use.

mod cluster;
mod embedded;
mod instance;
mod processes;
mod program;
mod servers;

pub(crate) use cluster::Cluster;
pub(crate) use embedded::{Embedded, cold_start};
pub(crate) use instance::Instance;
pub(crate) use processes::{Cpu, System};
pub(crate) use program::Program;
pub(crate) use servers::Servers;
