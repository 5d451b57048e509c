//! What the table of missions has in all, as it was seen within the last seconds. It is shown on
//! pages only, and no request for missions waits for it.

use std::time::Duration;

use store::{CasebookCount, Error, Store, Total};
use tokio::time::timeout;

use crate::fresh::Fresh;

/// How long a look at the table may take.
const LOOK: Duration = Duration::from_millis(500);
/// How long a look counts, also one that failed: so often, and no oftener, the table is read,
/// however many want to know.
const FRESH: Duration = Duration::from_secs(5);
/// Of how many missions the casebooks are told.
pub(crate) const NEWEST: u32 = 10_000;
/// How many casebooks are told at most.
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

    /// How many missions there are; `None` if the table did not say it in time.
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
