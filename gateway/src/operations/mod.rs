//! What operators and their tools ask: whether this gateway is ready.

pub(crate) mod ready;
#[cfg(test)]
mod tests;
