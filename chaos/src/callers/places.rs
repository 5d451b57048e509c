//! Where callers call.

/// Where callers call.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) gateways: Vec<String>,
    /// The nodes of the broker.
    pub(crate) amqp: Vec<String>,
}
