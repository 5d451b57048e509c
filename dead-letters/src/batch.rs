//! Replaying several letters, and following each to its row or its next death.

use std::num::NonZeroU32;
use std::time::Duration;

use bus::{Broker, ConfirmedPublisher, Link};
use schemas::dead_letter::{State, Who};
use schemas::http::Meant;
use schemas::{ActionId, LetterId};
use store::Store;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::follow::Replayed;
use crate::patience::{Event, Patience};
use crate::replay::Replays;
use crate::step::{Clock, Error, Outcome, Stand};

/// How often it is looked whether somebody else has done with a letter.
const LOOK: Duration = Duration::from_millis(500);

/// Replays letters in the name of one operator.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// Where they are.
    pub store: &'a Store,
    /// Where their requests go.
    pub broker: &'a Broker,
    /// The local time.
    pub clock: Clock,
    /// In whose name.
    pub who: &'a Who,
    /// What operators see of its connection in the broker's tools.
    pub name: &'a str,
    /// Ends it behind the letter that it works on.
    pub stop: &'a CancellationToken,
}

/// A connection, as long as it is good.
type Session = Option<(Link, ConfirmedPublisher)>;

impl Batch<'_> {
    /// Replays these, at most so many a second. Those that somebody else is replaying come last. Each
    /// is one replay, however often it is tried. Returns what was published, to be followed.
    ///
    /// # Errors
    /// A server was away for a minute, or `tell` fails.
    pub async fn replay<E: From<Error>>(
        &self,
        letters: impl IntoIterator<Item = (Meant, ActionId)>,
        rate: NonZeroU32,
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Vec<Replayed>, E> {
        let mut ticks = interval(Duration::from_secs(1) / rate.get());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut session, mut published, mut held) = (None, Vec::new(), Vec::new());
        for letter in letters {
            if self.stop.run_until_cancelled(ticks.tick()).await.is_none() {
                return Ok(published);
            }
            match self.patiently(&mut session, letter, tell).await? {
                Some(Outcome::Busy { who, retry }) => {
                    held.push((Instant::now() + retry, who, letter));
                }
                outcome => published.extend(self.told(letter.0.id, outcome, tell).await?),
            }
        }
        for (due, who, (meant, action)) in held {
            tell(Event::Held(&who, due.saturating_duration_since(Instant::now())))?;
            if self.stop.run_until_cancelled(self.free(meant.id, due)).await.is_none() {
                break;
            }
            let letter = (Meant { number: None, ..meant }, action);
            let outcome = self.patiently(&mut session, letter, tell).await?;
            published.extend(self.told(meant.id, outcome, tell).await?);
        }
        Ok(published)
    }

    /// Waits until whoever is replaying the letter has done it, or has had his time for it.
    async fn free(&self, id: LetterId, due: Instant) {
        while let Some(left) = due.checked_duration_since(Instant::now()) {
            sleep(left.min(LOOK)).await;
            let stand = Stand::read(self.store, id).await;
            if stand.is_ok_and(|stand| stand.is_none_or(|stand| stand.open_replay().is_none())) {
                return;
            }
        }
    }

    /// What is to be followed of a letter after this outcome; or tells why nothing is.
    async fn told<E: From<Error>>(
        &self,
        id: LetterId,
        outcome: Option<Outcome>,
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Option<Replayed>, E> {
        match outcome {
            None => Ok(None),
            Some(Outcome::Done(_)) => {
                tell(Event::Published(id))?;
                self.published(id, tell).await
            }
            Some(Outcome::Closed(State::Replayed)) => {
                tell(Event::Others(id))?;
                self.published(id, tell).await
            }
            Some(other) => tell(Event::Left(id, other)).map(|()| None),
        }
    }

    /// The replay of this letter, if that is the last thing that was done about it.
    ///
    /// # Errors
    /// The database was away for a minute, or `tell` fails.
    pub async fn published<E: From<Error>>(
        &self,
        id: LetterId,
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Option<Replayed>, E> {
        let mut patience = Patience::default();
        loop {
            match Stand::read(self.store, id).await {
                Ok(stand) => return Ok(stand.as_ref().and_then(Replayed::of)),
                Err(error) => patience.fails(error.into(), self.stop, tell).await?,
            }
        }
    }

    /// Replays one letter, and waits for servers that are away; `None` after a stop.
    async fn patiently<E: From<Error>>(
        &self,
        session: &mut Session,
        (meant, action): (Meant, ActionId),
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Option<Outcome>, E> {
        let mut patience = Patience::default();
        while !self.stop.is_cancelled() {
            match self.once(session, meant, action).await {
                Ok(outcome) => return Ok(Some(outcome)),
                Err(error) => {
                    *session = None;
                    patience.fails(error, self.stop, tell).await?;
                }
            }
        }
        Ok(None)
    }

    async fn once(
        &self,
        session: &mut Session,
        meant: Meant,
        action: ActionId,
    ) -> Result<Outcome, Error> {
        let (link, publisher) = match session {
            Some(open) => open,
            None => {
                let link = self.broker.open_declared(self.name).await?;
                let publisher = link.confirmed_publisher().await?;
                session.insert((link, publisher))
            }
        };
        let Self { store, clock, who, .. } = *self;
        let replays = Replays { store, publisher, clock, who };
        tokio::select! {
            biased;
            outcome = replays.replay(meant.id, action, meant.number) => outcome,
            fault = link.lost() => Err(fault.into()),
        }
    }
}
