//! What is declared of a queue: its kind and its limits.

use std::time::Duration;

use super::table::{QUEUES, Queue, QueueKind};

/// Every queue: as a single node has them, or a cluster.
pub fn queues(is_cluster: bool) -> [Queue; QUEUES.len()] {
    QUEUES.map(|queue| match queue.kind {
        QueueKind::Transient { message_ttl } if is_cluster => {
            Queue { kind: QueueKind::Replicated { message_ttl }, ..queue }
        }
        QueueKind::Quorum { .. } | QueueKind::Transient { .. } | QueueKind::Replicated { .. } => {
            queue
        }
    })
}

/// After how many failed deliveries RabbitMQ drops a message of a replicated queue: the default of
/// RabbitMQ 4. Its requester has repeated it long before.
const REPLICATED_DELIVERY_LIMIT: u32 = 20;

/// The limits of a queue, which an operator may change.
pub const LIMITS: [&str; 4] =
    ["x-max-length", "x-max-length-bytes", "x-message-ttl", "x-delivery-limit"];

/// The argument that says whether a queue is classic or a quorum queue.
const TYPE: &str = "x-queue-type";

/// The value of a queue argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A text.
    Text(&'static str),
    /// A whole number.
    Whole(i64),
}

impl Queue {
    /// The arguments that may differ: its limits, and of a queue for transient messages its kind. One that
    /// was made before its broker was a cluster is classic.
    pub fn may_differ(&self) -> Vec<&'static str> {
        let must_be_quorum = matches!(self.kind, QueueKind::Quorum { .. });
        LIMITS.into_iter().chain((!must_be_quorum).then_some(TYPE)).collect()
    }

    /// The arguments of `queue.declare`. All are explicit, so that no default of a virtual host or of
    /// a newer broker changes the queue.
    pub fn arguments(&self) -> Vec<(&'static str, Argument)> {
        match self.kind {
            QueueKind::Quorum { max_length, max_length_bytes, backstop } => {
                let bytes = i64::try_from(max_length_bytes).unwrap_or(i64::MAX);
                let mut arguments = vec![
                    (TYPE, Argument::Text("quorum")),
                    ("x-max-length", Argument::Whole(max_length.into())),
                    ("x-max-length-bytes", Argument::Whole(bytes)),
                    ("x-overflow", Argument::Text("reject-publish")),
                ];
                if let Some((limit, dead_letters)) = backstop {
                    arguments.extend([
                        ("x-delivery-limit", Argument::Whole(limit.into())),
                        ("x-dead-letter-exchange", Argument::Text(dead_letters.name)),
                        ("x-dead-letter-strategy", Argument::Text("at-least-once")),
                    ]);
                }
                arguments
            }
            QueueKind::Transient { message_ttl } => {
                vec![(TYPE, Argument::Text("classic")), ttl(message_ttl)]
            }
            QueueKind::Replicated { message_ttl } => vec![
                (TYPE, Argument::Text("quorum")),
                ttl(message_ttl),
                ("x-delivery-limit", Argument::Whole(REPLICATED_DELIVERY_LIMIT.into())),
            ],
        }
    }
}

fn ttl(time: Duration) -> (&'static str, Argument) {
    ("x-message-ttl", Argument::Whole(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_queue_of_a_cluster_is_a_quorum_queue_and_keeps_its_name_and_its_limits() {
        for (queue, of_a_cluster) in QUEUES.into_iter().zip(queues(true)) {
            let arguments = of_a_cluster.arguments();
            assert!(arguments.contains(&(TYPE, Argument::Text("quorum"))), "{arguments:?}");
            assert_eq!((queue.name, queue.source), (of_a_cluster.name, of_a_cluster.source));
            let kept = queue.arguments().into_iter().filter(|(key, _)| *key != TYPE);
            assert!(
                kept.into_iter().all(|argument| arguments.contains(&argument)),
                "{arguments:?}"
            );
        }
    }
}
