//! Waiting for servers that are away, and telling of it.

use std::time::Duration;

use schemas::LetterId;
use schemas::dead_letter::Who;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::follow::Fate;
use crate::step::{Error, Outcome};

/// How long a server may be away before a batch ends. It can be begun again, and goes on then.
const AWAY: Duration = Duration::from_secs(60);
/// How long until a server that is away is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// What happens.
#[derive(Debug)]
pub enum Event<'e> {
    /// A server is away. It goes on when the server is back.
    Waits(&'e Error),
    /// Somebody else has begun to replay a letter. It is tried again when he has had his time for it.
    Held(&'e Who, Duration),
    /// A letter was published.
    Published(LetterId),
    /// Somebody else has published a letter. What becomes of it is told all the same.
    Others(LetterId),
    /// A letter was not published, for this reason.
    Left(LetterId, Outcome),
    /// What became of a letter that was published.
    Ended(LetterId, &'e Fate),
}

/// How long a server has been away.
#[derive(Default)]
pub(crate) struct Patience {
    since: Option<Instant>,
}

impl Patience {
    /// Waits a moment. Tells of the first failure in a row.
    ///
    /// # Errors
    /// It has failed for a minute, or everything stops.
    pub(crate) async fn fails<E: From<Error>>(
        &mut self,
        error: Error,
        stop: &CancellationToken,
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let since = match self.since {
            Some(since) => since,
            None => {
                tell(Event::Waits(&error))?;
                *self.since.insert(Instant::now())
            }
        };
        if since.elapsed() > AWAY || stop.run_until_cancelled(sleep(AGAIN)).await.is_none() {
            return Err(error.into());
        }
        Ok(())
    }
}
