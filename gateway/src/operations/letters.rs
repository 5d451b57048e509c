//! The dead letters about which somebody has to decide.

use std::time::Duration;

use schemas::dead_letter::LetterGroup;
use schemas::operations::DeadLetterGroup;
use store::{LetterFilter, Store};
use tokio::time::timeout;

use crate::fresh::Fresh;

/// How long a look at the table may take.
const LOOK: Duration = Duration::from_secs(1);
/// How long a look counts, also one that failed: so often, and no oftener, the table is read,
/// however many want to know.
const FRESH: Duration = Duration::from_secs(5);

/// What is shown about them; `None` if the table could not be read.
type Groups = Option<Vec<DeadLetterGroup>>;

/// The dead letters, as they were seen last.
pub(super) struct Letters {
    store: Store,
    seen: Fresh<Groups>,
}

impl Letters {
    pub(super) fn new(store: Store) -> Self {
        Self { store, seen: Fresh::new(FRESH) }
    }

    /// The open letters in groups, the largest first, as they were within the last 5 seconds.
    pub(super) async fn groups(&self) -> Groups {
        self.seen.or(self.look()).await
    }

    async fn look(&self) -> Groups {
        let filter = LetterFilter::open();
        match timeout(LOOK, self.store.letters().groups(&filter)).await {
            Ok(Ok(groups)) => Some(groups.into_iter().map(shown).collect()),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the dead letters could not be read");
                None
            }
            Err(_) => None,
        }
    }
}

fn shown(group: LetterGroup) -> DeadLetterGroup {
    let LetterGroup { group: reason, role, open, first_at, last_at, example, .. } = group;
    DeadLetterGroup { reason, role, open, first_at, last_at, example }
}
