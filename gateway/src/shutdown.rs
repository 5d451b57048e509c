//! How long a gateway that stops still takes. Every number follows from those above it, so that each
//! caller whose request was read gets its response before the connections are given up.

use std::time::Duration;

/// The longest drain time that [`Config`](crate::Config) should have, in seconds.
pub const MAX_DRAIN: u64 = 10;
/// How long a body may take to arrive.
pub(crate) const BODY: Duration = Duration::from_secs(5);
/// How long a POST waits for the database each time it looks for its missions.
pub(crate) const LOOK: Duration = Duration::from_secs(2);
/// After a stop no caller waits longer than this for its missions: there is still time to answer
/// 201 or 202.
pub(crate) const LAST_WAIT: Duration = Duration::from_secs(7);
/// Writing the last response.
const WRITE: Duration = Duration::from_secs(1);

/// After the drain time of [`Config`](crate::Config): how long responses may still take. That is a
/// body that has just begun, a look for a key, the last wait, the look after it, and the response.
pub const LAST: Duration =
    BODY.saturating_add(LOOK).saturating_add(LAST_WAIT).saturating_add(LOOK).saturating_add(WRITE);
