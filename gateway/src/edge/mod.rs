//! What every request passes: its id, its client, rate limit, origins, compression, and a net for
//! panics. `serve` is the one function that does it all; the other modules are its steps.

mod access_log;
mod announce;
pub(crate) mod client;
mod coding;
pub(crate) mod cors;
pub(crate) mod cross_site;
mod framing;
mod guard;
pub(crate) mod known;
mod problems;
pub(crate) mod rate;
mod reads;
mod request_id;
pub(crate) mod serve;
pub(crate) mod trace;
