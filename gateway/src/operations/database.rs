//! Whether the database can be used, asked at most once a second.

use std::time::Duration;

use store::{Error, SchemaState, Store};
use tokio::time::timeout;

use crate::fresh::Fresh;

/// How long a look at the database may take. Without an answer it is shown as away.
const LOOK: Duration = Duration::from_secs(1);
/// How long a look counts: so often, and no oftener, the database is asked, however many want to
/// know.
const FRESH: Duration = Duration::from_secs(1);

/// The database, as it was seen last.
pub(crate) struct Database {
    store: Store,
    seen: Fresh<Option<&'static str>>,
}

impl Database {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, seen: Fresh::new(FRESH) }
    }

    /// Why it cannot be used, if so, as it was within the last second.
    pub(crate) async fn why_not(&self) -> Option<&'static str> {
        self.seen.or(self.look()).await
    }

    async fn look(&self) -> Option<&'static str> {
        match timeout(LOOK, self.store.schema()).await {
            Ok(Ok(SchemaState::Current | SchemaState::Newer)) => None,
            Ok(Ok(SchemaState::Older)) => Some("its schema is older: run `spymission migrate`"),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database does not answer a look at its schema");
                Some(category(&error))
            }
            Err(_) => Some("no answer within 1 s"),
        }
    }
}

/// What kind of error it is. The database's own words stay in the log: they may name hosts and
/// users, and anybody may read this.
fn category(error: &Error) -> &'static str {
    match error {
        Error::Unavailable(_) => "away",
        Error::Schema(_) => "its schema does not fit",
        Error::Configuration(_) => "it refuses access",
    }
}
