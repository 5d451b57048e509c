//! Servers that are away for a while.

use std::time::Duration;

use dead_letters::Error;
use tokio::time::{Instant, sleep};

use crate::failure::Failure;
use crate::output;

/// How long a server may be away before the tool gives up. The command can be repeated.
const AWAY: Duration = Duration::from_secs(60);
/// The pause before the next try.
const PAUSE: Duration = Duration::from_millis(500);

/// The patience with one step that is tried until the servers answer.
#[derive(Default)]
pub(super) struct Patience {
    /// When the step failed first.
    since: Option<Instant>,
}

impl Patience {
    /// Waits before the next try, and says the first time what it waits for.
    ///
    /// # Errors
    /// It has waited for long enough.
    pub(super) async fn wait(&mut self, error: Error) -> Result<(), Failure> {
        if self.since.is_none() {
            output::warn(format_args!("waiting: {error}"));
        }
        if self.since.get_or_insert_with(Instant::now).elapsed() > AWAY {
            let hint = "repeat the command when it is back: it goes on where it stopped";
            return Err(Failure::Check(format!("{error}; {hint}")));
        }
        sleep(PAUSE).await;
        Ok(())
    }
}
