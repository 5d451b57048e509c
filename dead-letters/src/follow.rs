//! What became of a replay: rows, or another dead letter.

use std::collections::{HashMap, HashSet};

use schemas::dead_letter::{Step, Who};
use schemas::{Action, ActionId, LetterId, MissionId, Request};
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
        let message_id = stand.letter.message_id.as_deref();
        let request = stand.body().and_then(|body| Request::parse(body, message_id).ok());
        Some(Self {
            letter: stand.letter.id,
            replay: last.id,
            number: last.number,
            missions: request.map(|request| request.missions.into()).unwrap_or_default(),
        })
    }
}

/// What became of these replays, in their order.
///
/// # Errors
/// The database is away.
pub async fn fates(store: &Store, replays: &[Replayed]) -> Result<Vec<Fate>, Error> {
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

/// Records what became of a replay. Whoever sees it may: the first one counts.
///
/// # Errors
/// The database is away: try again, or leave it to whoever looks next.
pub async fn record(
    store: &Store,
    clock: Clock,
    who: &Who,
    replayed: &Replayed,
    fate: &Fate,
) -> Result<(), Error> {
    let (step, detail) = match fate {
        Fate::Open => return Ok(()),
        Fate::Stored => (Step::Stored, None),
        Fate::SetAside(letter) => (Step::SetAside, Some(letter.to_string())),
    };
    let actor = Actor { store, clock, who };
    let action = Action {
        letter: replayed.letter,
        number: replayed.number.saturating_add(1),
        id: replayed.replay,
        step,
        who: who.clone(),
        at: actor.now().await?,
        detail,
        body: None,
    };
    actor.record(&action).await?;
    Ok(())
}
