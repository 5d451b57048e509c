//! What costs something to look at, and is looked at so often and no oftener.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// What was seen last. One caller looks at a time; the others wait for what it sees.
pub(crate) struct Fresh<T> {
    /// How long a look counts.
    lasts: Duration,
    seen: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Fresh<T> {
    /// Nothing was seen yet.
    pub(crate) fn new(lasts: Duration) -> Self {
        Self { lasts, seen: Mutex::new(None) }
    }

    /// What was seen within the time that a look counts, or what `look` sees. It must have a
    /// deadline: others wait for it.
    pub(crate) async fn or(&self, look: impl Future<Output = T>) -> T {
        let mut seen = self.seen.lock().await;
        if let Some((at, known)) = &*seen
            && at.elapsed() < self.lasts
        {
            return known.clone();
        }
        let found = look.await;
        *seen = Some((Instant::now(), found.clone()));
        found
    }
}
