//! The differences between a broker and the topology table.

use std::fmt;

use super::channels::Channels;
use super::declaration::{NOT_FOUND, PRECONDITION_FAILED, Thing};
use super::limits;
use crate::Fault;

/// An exchange or queue that is not as the topology table says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The exchange or queue.
    pub name: &'static str,
    /// What the broker said.
    pub what: String,
    /// What follows from it.
    pub severity: Severity,
}

/// What follows from a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The pipeline works; an operator may have set another limit on purpose.
    Tolerable,
    /// The pipeline cannot keep its promises.
    Fatal,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.what)
    }
}

impl Difference {
    /// Logs a tolerable difference; a fatal one is a fault.
    pub(crate) fn accept_or_fault(self) -> Result<(), Fault> {
        match self.severity {
            Severity::Tolerable => {
                tracing::warn!(difference = %self, "RabbitMQ differs from the topology table");
                Ok(())
            }
            Severity::Fatal => Err(Fault::Topology(self.to_string())),
        }
    }
}

pub(crate) async fn difference(
    channels: &Channels,
    thing: Thing,
    code: u16,
    what: String,
) -> Result<Difference, Fault> {
    let (name, may_differ) = match thing {
        Thing::Exchange(exchange) => (exchange.name, false),
        Thing::Queue(queue) => (
            queue.name,
            code == PRECONDITION_FAILED
                && limits::are_all_that_differs(channels, &queue, &what).await?,
        ),
    };
    let what = if code == NOT_FOUND { "it is missing".to_owned() } else { what };
    let severity = if may_differ { Severity::Tolerable } else { Severity::Fatal };
    Ok(Difference { name, what, severity })
}
