//! Floors: what HTTP, the broker and the database cost without us.

mod broker;
mod commit;
mod server;
mod timing;

pub(crate) use broker::Broker;
pub(crate) use commit::commit;
pub(crate) use server::Server;
