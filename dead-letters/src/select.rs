//! Which letters are meant, and what can be done about them.

use schemas::ActionId;
use schemas::dead_letter::BatchId;
use schemas::http::{Left, Meant};
use store::{Letter, LetterCursor, LetterFilter, Store, Unreadable};

use crate::step::{Error, Outcome, Stand};

/// Letters that are read at a time.
const PAGE: u16 = 250;

/// What a filter selects.
#[derive(Debug, Default)]
pub struct Selected {
    /// The letters, the newest first.
    pub letters: Vec<Letter>,
    /// The rows between them that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Whether more follow.
    pub more: bool,
}

/// At most `most` letters that pass the filter, the newest first.
///
/// # Errors
/// The database could not tell.
pub async fn select(
    store: &Store,
    filter: &LetterFilter,
    most: usize,
) -> Result<Selected, store::Error> {
    let (mut selected, mut before): (_, Option<LetterCursor>) = (Selected::default(), None);
    while selected.letters.len() < most {
        let limit = u16::try_from(most - selected.letters.len()).unwrap_or(PAGE).min(PAGE);
        let page = store.letters().list(filter, before, limit).await?;
        before = page.next();
        selected.more = before.is_some();
        selected.letters.extend(page.letters);
        selected.unreadable.extend(page.unreadable);
        if before.is_none() {
            break;
        }
    }
    Ok(selected)
}

/// A letter as it was listed: it is meant as long as nothing is done about it.
pub fn meant(listed: &Letter) -> Meant {
    let number = listed.last.as_ref().map_or(0, |last| last.number);
    Meant { id: listed.letter.id, number: Some(number) }
}

/// Which of these letters something could be done about now in this batch, each with the id of its
/// action; and which could not and why. What the batch has begun already counts as if it could: it
/// does nothing twice. Nothing is recorded.
///
/// # Errors
/// The database could not tell.
pub async fn open(
    store: &Store,
    batch: BatchId,
    meant: &[Meant],
) -> Result<(Vec<(Meant, ActionId)>, Vec<Left>), Error> {
    let ids: Vec<_> = meant.iter().map(|meant| meant.id).collect();
    let found = store.letters().find_all(&ids).await?;
    let mut found = found.into_iter().map(|(letter, actions)| Stand { letter, actions }).peekable();
    let (mut open, mut left) = (Vec::new(), Vec::new());
    for (meant, action) in meant.iter().zip(batch.actions()) {
        let stand = found.next_if(|stand| stand.letter.id == meant.id);
        match why_not(stand, batch, meant.number).and_then(Outcome::why_not) {
            Some(why) => left.push(Left { id: meant.id, why }),
            None => open.push((*meant, action)),
        }
    }
    Ok((open, left))
}

fn why_not(stand: Option<Stand>, batch: BatchId, seen: Option<u32>) -> Option<Outcome> {
    let Some(stand) = stand else { return Some(Outcome::Unknown) };
    let begun = stand.actions.iter().any(|action| batch.has(action.id));
    // A replay that was left open is taken over.
    if begun || stand.open_replay().is_some() { None } else { stand.closed(seen) }
}
