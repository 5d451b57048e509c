//! The long-running processes: `up`, `gateway` and `worker`, and what each of them needs to start,
//! log, tell its status and stop.

pub(crate) mod logs;
pub(crate) mod roles;
mod status;
pub(crate) mod stop;
pub(crate) mod up;
