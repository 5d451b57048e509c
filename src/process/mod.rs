//! The long-running processes `up`, `gateway` and `worker`, and what they share: logs, the status
//! listener, and how they stop.

pub(crate) mod gateway;
mod listener;
pub(crate) mod logs;
mod presence;
mod status;
pub(crate) mod stop;
pub(crate) mod up;
pub(crate) mod worker;
mod workers;
