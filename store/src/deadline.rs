//! How long anything may take.

use std::time::Duration;

use seams::chance;

use crate::error::Error;

/// How long a connection may take, be it out of the pool or to the server.
pub(crate) const ACQUIRE: Duration = Duration::from_secs(2);
/// How long the answer to one statement may take.
pub(crate) const QUERY: Duration = Duration::from_secs(3);

/// The result, unless it takes longer than this.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, Error> {
    let late = || Error::Unavailable(format!("no answer within {} seconds", limit.as_secs()));
    tokio::time::timeout(limit, work).await.map_err(|_| late())
}

/// Waits a random time, at most 20 ms for each repetition so far: rivals must not meet again at the
/// same moment.
pub(crate) async fn pause(repeats: u32) {
    let most = 20 * u64::from(repeats);
    tokio::time::sleep(chance::millis(0..=most)).await;
}
