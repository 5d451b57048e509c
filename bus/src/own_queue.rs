//! The kinds of queue that a process declares for itself. Both are deleted with their link.

use schemas::topology::{EVENTS, Exchange, REPLIES, event_queue, reply_queue};

/// The bounds of such a queue, and its binding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnQueue {
    pub(crate) max_length: u32,
    pub(crate) max_length_bytes: u32,
    /// Which events it receives; `None` for a queue of replies.
    events: Option<&'static str>,
}

impl OwnQueue {
    /// For replies. Only a queue with a name of ours is bound to the reply exchange.
    pub(crate) const REPLIES: Self = Self {
        max_length: reply_queue::MAX_LENGTH,
        max_length_bytes: reply_queue::MAX_LENGTH_BYTES,
        events: None,
    };
    /// For events, of every casebook.
    pub(crate) const EVENTS: Self = Self {
        max_length: event_queue::MAX_LENGTH,
        max_length_bytes: event_queue::MAX_LENGTH_BYTES,
        events: Some(event_queue::ALL),
    };
    /// For the status of every process.
    pub(crate) const STATUS: Self = Self { events: Some(event_queue::STATUS), ..Self::EVENTS };

    /// The exchange that the queue of this name is bound to, and the key or pattern.
    pub(crate) fn binding(self, name: &str) -> Option<(Exchange, &str)> {
        if let Some(pattern) = self.events {
            return Some((EVENTS, pattern));
        }
        name.starts_with(reply_queue::PREFIX).then_some((REPLIES, name))
    }
}
