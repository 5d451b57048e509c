//! The resource `/missions`: requesting missions and reading them.

pub(crate) mod answer;
pub(crate) mod ask;
mod key;
pub(crate) mod negotiate;
mod order;
mod prefer;
pub(crate) mod query;
pub(crate) mod read;
mod wish;
