//! The two kinds of queue that an agent of ours declares for itself; both go with their link.

use schemas::topology::{EVENTS, Exchange, REPLIES, event_queue, reply_queue};

/// What bounds such a queue, and what feeds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnQueue {
    pub(crate) max_length: u32,
    pub(crate) max_length_bytes: u32,
    listens: bool,
}

impl OwnQueue {
    /// For replies; one that is not named as ours is answered through the default exchange alone.
    pub(crate) const REPLIES: Self = Self {
        max_length: reply_queue::MAX_LENGTH,
        max_length_bytes: reply_queue::MAX_LENGTH_BYTES,
        listens: false,
    };
    /// For events, of every casebook.
    pub(crate) const EVENTS: Self = Self {
        max_length: event_queue::MAX_LENGTH,
        max_length_bytes: event_queue::MAX_LENGTH_BYTES,
        listens: true,
    };

    /// The exchange that feeds the queue of this name, and by which key or pattern.
    pub(crate) fn binding(self, name: &str) -> Option<(Exchange, &str)> {
        if self.listens {
            return Some((EVENTS, event_queue::ALL));
        }
        name.starts_with(reply_queue::PREFIX).then_some((REPLIES, name))
    }
}
