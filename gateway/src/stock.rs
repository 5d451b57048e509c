//! What the table of missions has in all, as it was seen within the last seconds. It is shown on
//! pages only, and no request for missions waits for it.

use std::time::Duration;

use store::{CasebookCount, Error, Store, Total};
use tokio::time::timeout;

use crate::fresh::Fresh;

/// How long a look at the table may take.
const LOOK: Duration = Duration::from_millis(500);
/// How long a result is kept, also a failed one. The table is read no oftener than this, however many
/// callers ask.
const FRESH: Duration = Duration::from_secs(5);
/// How many of the newest missions are counted by casebook.
pub(crate) const NEWEST: u32 = 10_000;
/// The most casebooks that are named.
const CASEBOOKS: u16 = 50;

/// What the table has, as it was seen last.
pub(crate) struct Stock {
    store: Store,
    total: Fresh<Option<Total>>,
    casebooks: Fresh<Option<Vec<CasebookCount>>>,
}

impl Stock {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, total: Fresh::new(FRESH), casebooks: Fresh::new(FRESH) }
    }

    /// How many missions there are; `None` if the table could not be read, or not in time.
    pub(crate) async fn total(&self) -> Option<Total> {
        self.total.or(look(self.store.total())).await
    }

    /// The casebooks of the newest missions, the most frequent first, as above.
    pub(crate) async fn casebooks(&self) -> Option<Vec<CasebookCount>> {
        self.casebooks.or(look(self.store.casebooks(NEWEST, CASEBOOKS))).await
    }
}

async fn look<T>(look: impl Future<Output = Result<T, Error>>) -> Option<T> {
    match timeout(LOOK, look).await {
        Ok(Ok(seen)) => Some(seen),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the table of missions could not be looked at");
            None
        }
        Err(_) => None,
    }
}
