//! The dead letters about which somebody has to decide.

use std::time::Duration;

use schemas::operations::DeadLetterGroup;
use store::{Group, LetterFilter, Store};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a look at the table may take.
const LOOK: Duration = Duration::from_secs(1);
/// How long a look counts, also one that failed: so often, and no oftener, the table is read,
/// however many want to know.
const FRESH: Duration = Duration::from_secs(5);
/// The most groups that are shown.
const GROUPS: usize = 12;

/// What is shown about them; `None` if the table could not be read.
type Groups = Option<Vec<DeadLetterGroup>>;

/// The dead letters, as they were seen last.
pub(super) struct Letters {
    store: Store,
    /// One caller looks at a time; the others wait for what it sees.
    seen: Mutex<Option<(Instant, Groups)>>,
}

impl Letters {
    pub(super) fn new(store: Store) -> Self {
        Self { store, seen: Mutex::new(None) }
    }

    /// The open letters in groups, the largest first, as they were within the last 5 seconds.
    pub(super) async fn groups(&self) -> Groups {
        let mut seen = self.seen.lock().await;
        if let Some((at, groups)) = &*seen
            && at.elapsed() < FRESH
        {
            return groups.clone();
        }
        let groups = self.look().await;
        *seen = Some((Instant::now(), groups.clone()));
        groups
    }

    async fn look(&self) -> Groups {
        let filter = LetterFilter::open();
        match timeout(LOOK, self.store.letters().groups(&filter)).await {
            Ok(Ok(groups)) => Some(groups.into_iter().take(GROUPS).map(shown).collect()),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the dead letters could not be read");
                None
            }
            Err(_) => None,
        }
    }
}

fn shown(group: Group) -> DeadLetterGroup {
    let Group { pattern, role, open, first_at, last_at, example, .. } = group;
    DeadLetterGroup { reason: pattern, role, open, first_at, last_at, example }
}
