//! Where a reply goes: to one of our own processes, or to a caller's own queue.

use schemas::topology::{NAMESPACE, reply_queue};
use schemas::{Problem, ProblemKind};
use seams::{Mutant, planted};

/// A caller's `reply_to`, as far as a reply may be sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnAddress {
    /// A reply queue behind the reply exchange.
    Ours(String),
    /// Any other queue, behind the default exchange.
    Foreign(String),
}

impl ReturnAddress {
    /// Reads a `reply_to`; an empty one is none.
    ///
    /// # Errors
    /// It is in our own namespace: a reply would be taken for a request or a decision.
    pub fn parse(reply_to: Option<&str>) -> Result<Option<Self>, Problem> {
        match reply_to {
            None | Some("") => Ok(None),
            Some(name) if name.starts_with(NAMESPACE) && !planted(Mutant::ForgedAddress) => {
                Err(Problem::new(
                    ProblemKind::Invalid,
                    format!(
                        "`reply_to` begins with {NAMESPACE}, which is ours: use a queue of your own"
                    ),
                ))
            }
            Some(name) if name.starts_with(reply_queue::PREFIX) => {
                Ok(Some(Self::Ours(name.to_owned())))
            }
            Some(name) => Ok(Some(Self::Foreign(name.to_owned()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_address_in_our_namespace_is_refused() {
        for name in ["mission.requests", "mission.", "mission.dead-letters"] {
            assert!(ReturnAddress::parse(Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn our_own_reply_queues_are_told_from_foreign_ones() {
        let parse = |name| ReturnAddress::parse(Some(name)).unwrap();
        assert_eq!(parse(""), None);
        assert_eq!(parse("reply.gateway.1"), Some(ReturnAddress::Ours("reply.gateway.1".into())));
        assert_eq!(parse("my-queue"), Some(ReturnAddress::Foreign("my-queue".into())));
    }
}
