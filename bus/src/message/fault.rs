//! Faults of the broker, of the connection to it, and of time.

use std::time::Duration;

use telemetry::FaultKind;

/// A fault of the broker, of the connection to it, or of time. It ends its session, and the
/// supervisor begins another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The broker did not reply in time. It is unknown whether the step was done; it is safe to
    /// repeat it.
    #[error("{step}: no answer within {} s", .deadline.as_secs())]
    Timeout {
        /// What was being done.
        step: &'static str,
        /// How long it was waited for.
        deadline: Duration,
    },
    /// The broker refused, or it or the connection failed.
    #[error("{step}: {reason}")]
    Broker {
        /// What was being done.
        step: &'static str,
        /// What the broker or the system said; holds no secret.
        reason: String,
    },
    /// The broker ended a consumer: its queue was deleted, or the connection was lost.
    #[error("the consumer of {0} was ended by the broker")]
    Cancelled(String),
    /// An acknowledgement came after its channel was closed. The message is delivered again.
    #[error("an acknowledgement was not taken: its channel is gone")]
    StaleAck,
    /// The topology on the broker cannot do what the table promises.
    #[error("topology: {0}")]
    Topology(String),
}

impl Fault {
    /// What kind of fault it is.
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Timeout { .. } => FaultKind::Timeout,
            Self::Broker { .. } => FaultKind::Broker,
            Self::Cancelled(_) => FaultKind::Cancelled,
            Self::StaleAck => FaultKind::StaleAck,
            Self::Topology(_) => FaultKind::Topology,
        }
    }
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
