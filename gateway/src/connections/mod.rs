//! Connections: accepting them, their limits and deadlines, and their end at shutdown.

mod deadlines;
pub(crate) mod descriptors;
mod refusals;
mod server;
mod slots;

#[cfg(test)]
mod tests;

pub(crate) use server::serve;
