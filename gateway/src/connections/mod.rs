//! Connections: accepting them, their limits and deadlines, and their end at shutdown.

mod deadlines;
mod places;
mod server;

pub(crate) use server::serve;
