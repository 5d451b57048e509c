//! What is known of replies.

use std::time::Duration;

use tokio::time::Instant;

/// A caller that was published so much earlier than one that has its reply is passed: the queue keeps
/// the order of requests, nearly.
const PASSED: Duration = Duration::from_secs(2);

/// What is known of replies.
#[derive(Default)]
pub(super) struct Replies {
    last: Option<Instant>,
    /// When the request that was published last of those that have a reply was published.
    newest_answered: Option<Instant>,
}

impl Replies {
    /// Notes a reply to a caller that was published then.
    pub(super) fn note(&mut self, published_at: Option<Instant>) {
        self.last = Some(Instant::now());
        self.newest_answered = self.newest_answered.max(published_at);
    }

    /// Whether no reply has come for so long.
    pub(super) fn none_for(&self, long: Duration) -> bool {
        self.last.is_none_or(|last| last.elapsed() > long)
    }

    /// Whether requests that were published later than this one have their replies.
    pub(super) fn have_passed(&self, published_at: Option<Instant>) -> bool {
        let newest = self.newest_answered.zip(published_at);
        newest.is_some_and(|(newest, at)| newest.saturating_duration_since(at) > PASSED)
    }
}
