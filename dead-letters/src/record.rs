//! What became of a batch: read from the table, so that every gateway says the same.

use std::collections::HashMap;

use schemas::dead_letter::{BatchId, State, Step};
use schemas::http::LetterRecord;
use schemas::{Action, LetterId};
use store::Store;

use crate::follow::{self, Fate, Replayed};
use crate::step::{Clock, Error, Stand};

/// Each letter about which something was done in this batch, in its order. What has become of those
/// that were published is looked up, and recorded in the name of whoever replayed them.
///
/// # Errors
/// The database is away.
pub async fn read(store: &Store, clock: Clock, batch: BatchId) -> Result<Vec<LetterRecord>, Error> {
    let ids = store.letters().batch(batch).await?;
    let found = store.letters().find_all(&ids).await?;
    let stands: Vec<_> =
        found.into_iter().map(|(letter, actions)| Stand { letter, actions }).collect();
    let published: Vec<_> = stands.iter().filter_map(Replayed::of).collect();
    let fates = follow::settle(store, clock, &published).await?;
    let fates: HashMap<_, _> =
        published.iter().map(|replayed| replayed.letter).zip(fates).collect();
    Ok(stands.iter().map(|stand| of(stand, fates.get(&stand.letter.id))).collect())
}

fn of(stand: &Stand, fate: Option<&Fate>) -> LetterRecord {
    let last = stand.actions.last();
    let (state, next) = match fate {
        Some(Fate::Stored) => (State::Stored, None),
        Some(Fate::SetAside(letter)) => (State::SetAsideAgain, Some(*letter)),
        Some(Fate::Open) | None => (stand.state(), last.and_then(became)),
    };
    let unsent = last.filter(|last| last.step == Step::Unsent);
    LetterRecord {
        id: stand.letter.id,
        state,
        missions: stand.missions(),
        next,
        detail: unsent.and_then(|last| last.detail.clone()),
    }
}

/// The letter that this step says it has become.
fn became(last: &Action) -> Option<LetterId> {
    last.detail.as_ref().filter(|_| last.step == Step::SetAside)?.parse().ok()
}
