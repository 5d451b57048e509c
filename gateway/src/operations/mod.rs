//! What operators and their tools ask: whether this gateway is ready, and what it counts.

pub(crate) mod metrics;
pub(crate) mod ready;
#[cfg(test)]
mod tests;
