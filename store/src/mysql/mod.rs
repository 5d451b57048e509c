//! MySQL and MariaDB.

mod errors;
mod migrate;
mod server;
mod session;

pub(crate) use migrate::migrate;
pub(crate) use server::{Server, Source};
pub(crate) use session::DIALECT;
