//! What can go wrong between us and the broker.

use std::time::Duration;

/// A fault of the broker, of the connection to it, or of time. Every one of them is retried: it
/// ends the session it happened in, and the supervisor begins another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No answer in time. Whether the step was done is unknown; repeating it is safe.
    #[error("{step}: no answer within {} s", .deadline.as_secs())]
    Timeout {
        /// What was being done.
        step: &'static str,
        /// How long it was waited for.
        deadline: Duration,
    },
    /// The broker, or the way to it, refused or failed.
    #[error("{step}: {reason}")]
    Broker {
        /// What was being done.
        step: &'static str,
        /// What the broker or the system said; holds no secret.
        reason: String,
    },
    /// A consumer ended although nobody stopped it: its queue was deleted, or its connection lost.
    #[error("the consumer of {0} was ended by the broker")]
    Cancelled(String),
    /// An acknowledgement came too late: its channel was gone. The message is delivered again.
    #[error("an acknowledgement was not taken: its channel is gone")]
    StaleAck,
    /// The topology on the broker cannot do what the table promises.
    #[error("topology: {0}")]
    Topology(String),
}

/// The deadline of one call to the broker.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// Bounds one call: every wait has a deadline.
pub(crate) async fn within<T, E: std::fmt::Display>(
    deadline: Duration,
    step: &'static str,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(deadline, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::Broker { step, reason: error.to_string() }),
        Err(_) => Err(Fault::Timeout { step, deadline }),
    }
}
