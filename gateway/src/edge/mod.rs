//! What every request passes: its id, its client, rate limit, origins, compression, and a net for
//! panics.

pub(crate) mod client;
mod coding;
mod cors;
pub(crate) mod layers;
mod rate;
mod request_id;
pub(crate) mod trace;

pub use client::Proxies;
pub use cors::Origins;
pub use rate::Rate;
