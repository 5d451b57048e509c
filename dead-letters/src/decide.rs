//! Correcting a letter, and discarding it.

use schemas::dead_letter::{Step, Who};
use schemas::{Action, ActionId, LetterId, Request};
use store::Store;

use crate::step::{Actor, Clock, Error, LEASE, Outcome, Stand};

/// Corrects the body of a letter: its next replay publishes this one. It must be a request. The
/// original stays as it is. `seen` is the number of the last step that the caller has seen, if it
/// shall be the last one; `id` names this correction, also when it is tried again.
///
/// # Errors
/// The database is away: try again with the same id.
pub async fn edit(
    store: &Store,
    clock: Clock,
    who: &Who,
    letter: LetterId,
    body: &[u8],
    (id, seen): (ActionId, Option<u32>),
) -> Result<Outcome, Error> {
    let Some(stand) = Stand::read(store, letter).await? else { return Ok(Outcome::Unknown) };
    if let Err(problem) = Request::parse(body, stand.letter.message_id.as_deref()) {
        return Ok(Outcome::Wrong(problem));
    }
    let actor = Actor { store, clock, who };
    take(
        &actor,
        &stand,
        seen,
        |action| Action { body: Some(body.to_vec()), ..action },
        (id, Step::Edit),
    )
    .await
}

/// Discards a letter. It stays in the table until it is pruned.
///
/// # Errors
/// The database is away: try again with the same id.
pub async fn discard(
    store: &Store,
    clock: Clock,
    who: &Who,
    letter: LetterId,
    (id, seen): (ActionId, Option<u32>),
) -> Result<Outcome, Error> {
    let Some(stand) = Stand::read(store, letter).await? else { return Ok(Outcome::Unknown) };
    take(&Actor { store, clock, who }, &stand, seen, |action| action, (id, Step::Discard)).await
}

async fn take(
    actor: &Actor<'_>,
    stand: &Stand,
    seen: Option<u32>,
    complete: impl FnOnce(Action) -> Action,
    (id, step): (ActionId, Step),
) -> Result<Outcome, Error> {
    if let Some(done) = stand.actions.iter().find(|action| (action.id, action.step) == (id, step)) {
        return Ok(Outcome::Done(done.number)); // the answer to the first try was lost
    }
    if let Some(closed) = stand.closed(seen) {
        return Ok(closed);
    }
    if let Some(open) = stand.open_replay() {
        return Ok(Outcome::Busy { who: open.who.clone(), retry: LEASE });
    }
    let action = complete(actor.next(stand, id, step).await?);
    Ok(actor.record(&action).await?)
}
