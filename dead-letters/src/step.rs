//! What can be done about a letter, given what was done before.

use std::time::Duration;

use schemas::dead_letter::{State, Step, Who};
use schemas::{Action, ActionId, CreatedAt, DeadLetter, LetterId, MissionId, Problem, Request};
use store::{Recorded, Store};

/// Tells the local time. Times in the table are the local time, corrected to the database's clock.
pub type Clock = fn() -> time::OffsetDateTime;

/// Somebody who has recorded a replay is given this long to publish it: longer than the broker may
/// take to confirm. After that somebody else does it.
pub(crate) const LEASE: Duration = Duration::from_secs(20);

/// Why nothing is known about a step: it is taken again with the same ids.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is away.
    #[error("{0}")]
    Database(#[from] store::Error),
    /// The broker is away.
    #[error("{0}")]
    Broker(#[from] bus::Fault),
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken. The number is that of the last row about the letter.
    Done(u32),
    /// The broker has not taken the request; the letter waits again. Says why.
    Unsent(String),
    /// There is no such letter.
    Unknown,
    /// It cannot be done to this letter; says why, and what can be done.
    Refused(String),
    /// The new body is no request.
    Wrong(Problem),
    /// It is done with, or is no longer as the caller saw it.
    Closed(State),
    /// Somebody is replaying it, and may have died: try again after the time.
    Busy {
        /// Who.
        who: Who,
        /// In how long somebody else may do it.
        retry: Duration,
    },
}

impl Outcome {
    /// Why nothing was done; `None` if it was.
    pub fn why_not(self) -> Option<String> {
        Some(match self {
            Self::Done(_) => return None,
            Self::Unsent(why) | Self::Refused(why) => why,
            Self::Wrong(problem) => problem.to_string(),
            Self::Unknown => "there is no such letter".to_owned(),
            Self::Closed(State::Waiting) => {
                "nothing is done: somebody has done something about it since you looked".to_owned()
            }
            Self::Closed(state) => format!("nothing is done: it is {}", state.word()),
            Self::Busy { who, .. } => format!("nothing is done: {who} is replaying it"),
        })
    }
}

/// How a letter stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// The letter, whole.
    pub letter: DeadLetter,
    /// Every step that was taken about it, the first one first.
    pub actions: Vec<Action>,
}

impl Stand {
    /// Reads it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn read(store: &Store, id: LetterId) -> Result<Option<Self>, store::Error> {
        let found = store.letters().find(id).await?;
        Ok(found.map(|(letter, actions)| Self { letter, actions }))
    }

    /// How it stands.
    pub fn state(&self) -> State {
        self.actions.last().map_or(State::Waiting, |action| action.step.state())
    }

    /// The body that a replay publishes: the last correction, or the original. `None` if only a part
    /// of the original is kept.
    pub fn body(&self) -> Option<&[u8]> {
        let edits = self.actions.iter().rev().filter(|action| action.step == Step::Edit);
        let edited = edits.filter_map(|action| action.body.as_deref()).next();
        edited.or_else(|| self.letter.is_whole().then_some(self.letter.body.as_slice()))
    }

    /// The missions of the request that a replay publishes; none if it is no request.
    pub fn missions(&self) -> Vec<MissionId> {
        let message_id = self.letter.message_id.as_deref();
        let request = self.body().and_then(|body| Request::parse(body, message_id).ok());
        request.map(|request| request.missions.into()).unwrap_or_default()
    }

    /// The number of the last step; 0 if there is none.
    pub fn number(&self) -> u32 {
        self.actions.last().map_or(0, |action| action.number)
    }

    /// The replay that is recorded and not known to be published.
    pub(crate) fn open_replay(&self) -> Option<&Action> {
        self.actions.last().filter(|action| action.step == Step::Replay)
    }

    /// Why a letter in this state is left alone; `None` if something can be done about it.
    pub(crate) fn closed(&self, seen: Option<u32>) -> Option<Outcome> {
        let changed = seen.is_some_and(|seen| seen != self.number());
        (changed || !self.state().is_open()).then(|| Outcome::Closed(self.state()))
    }
}

/// Who does something, and where it is recorded.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    pub(crate) store: &'a Store,
    pub(crate) clock: Clock,
    pub(crate) who: &'a Who,
}

impl Actor<'_> {
    pub(crate) async fn now(&self) -> Result<CreatedAt, store::Error> {
        self.store.time(self.clock).await
    }

    /// The next step about the letter.
    pub(crate) async fn next(
        &self,
        stand: &Stand,
        id: ActionId,
        step: Step,
    ) -> Result<Action, store::Error> {
        Ok(Action {
            letter: stand.letter.id,
            number: stand.number().saturating_add(1),
            id,
            step,
            who: self.who.clone(),
            at: self.now().await?,
            detail: None,
            body: None,
        })
    }

    /// Records a step after those that were read.
    pub(crate) async fn record(&self, action: &Action) -> Result<Outcome, store::Error> {
        Ok(match self.store.letters().record(action).await? {
            Recorded::Yes => Outcome::Done(action.number),
            Recorded::Other(other) if other.step == Step::Replay => {
                Outcome::Busy { who: other.who, retry: LEASE }
            }
            Recorded::Other(other) => Outcome::Closed(other.step.state()),
        })
    }
}
