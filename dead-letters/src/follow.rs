//! What became of a replay: rows, or another dead letter.

use std::collections::{HashMap, HashSet};

use schemas::dead_letter::{Step, Who};
use schemas::{Action, ActionId, LetterId, MissionId};
use store::Store;

use crate::step::{Actor, Clock, Error, Stand};

/// A replay that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The letter.
    pub letter: LetterId,
    /// The replay.
    pub replay: ActionId,
    /// The number of the row that says so.
    pub number: u32,
    /// Who published it.
    pub who: Who,
    /// The missions of the request; none if it is no request.
    pub missions: Vec<MissionId>,
}

/// What became of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nothing is known yet.
    Open,
    /// All its missions are stored.
    Stored,
    /// It is a dead letter again, this one; a list that was split may be several.
    SetAside(LetterId),
}

impl Replayed {
    /// The replay of a letter that stands like this, if its last step is that it was published.
    pub fn of(stand: &Stand) -> Option<Self> {
        let last = stand.actions.last().filter(|action| action.step == Step::Published)?;
        Some(Self {
            letter: stand.letter.id,
            replay: last.id,
            number: last.number,
            who: last.who.clone(),
            missions: stand.missions(),
        })
    }
}

/// What became of these replays, in their order.
async fn fates(store: &Store, replays: &[Replayed]) -> Result<Vec<Fate>, Error> {
    let ids: Vec<_> = replays.iter().map(|replayed| replayed.replay).collect();
    let deaths: HashMap<_, _> = store.letters().deaths(&ids).await?.into_iter().collect();
    let missions: Vec<_> = replays.iter().flat_map(|replayed| replayed.missions.clone()).collect();
    let found = store.find(&missions).await?;
    let stored: HashSet<_> = found.missions.into_iter().map(|mission| mission.id).collect();
    let fate = |replayed: &Replayed| {
        let missions = &replayed.missions;
        match deaths.get(&replayed.replay) {
            Some(letter) => Fate::SetAside(*letter),
            None if !missions.is_empty() && missions.iter().all(|id| stored.contains(id)) => {
                Fate::Stored
            }
            None => Fate::Open,
        }
    };
    Ok(replays.iter().map(fate).collect())
}

/// What became of these replays, in their order; it is recorded in the name of whoever replayed them.
/// Whoever sees it may do so: the first one counts.
///
/// # Errors
/// The database is away: try again, or leave it to whoever looks next.
pub(crate) async fn settle(
    store: &Store,
    clock: Clock,
    replays: &[Replayed],
) -> Result<Vec<Fate>, Error> {
    let fates = fates(store, replays).await?;
    for (replayed, fate) in replays.iter().zip(&fates) {
        record(store, clock, replayed, fate).await?;
    }
    Ok(fates)
}

/// Records what became of a replay.
async fn record(
    store: &Store,
    clock: Clock,
    replayed: &Replayed,
    fate: &Fate,
) -> Result<(), Error> {
    let (step, detail) = match fate {
        Fate::Open => return Ok(()),
        Fate::Stored => (Step::Stored, None),
        Fate::SetAside(letter) => (Step::SetAside, Some(letter.to_string())),
    };
    let actor = Actor { store, clock, who: &replayed.who };
    let action = Action {
        letter: replayed.letter,
        number: replayed.number.saturating_add(1),
        id: replayed.replay,
        step,
        who: replayed.who.clone(),
        at: actor.now().await?,
        detail,
        body: None,
    };
    actor.record(&action).await?;
    Ok(())
}
