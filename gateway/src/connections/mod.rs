//! Connections: accepting them, their limits and deadlines, and their end at shutdown.

mod deadlines;
mod descriptors;
mod places;
mod refusals;
mod server;

#[cfg(test)]
mod tests;

pub(crate) use server::serve;
