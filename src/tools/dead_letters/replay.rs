//! `spymission dead-letters replay`: publishes requests again, and says what became of each.

use std::time::Duration;

use bus::{Broker, ConfirmedPublisher, Link};
use dead_letters::replay::Replays;
use dead_letters::{Error, Outcome};
use schemas::dead_letter::{State, Who};
use schemas::{ActionId, LetterId};
use store::Store;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::decide::refused;
use super::dry_run::dry_run;
use super::follow::Followed;
use super::patience::Patience;
use super::select::Meant;
use crate::cli::Replay;
use crate::failure::Failure;
use crate::output;
use crate::system::{clock, new_id};
use crate::tools::table::Table;

pub(super) async fn run(settings: Replay) -> Result<(), Failure> {
    let chosen = settings.chosen;
    let table = Table::open(&chosen.database)?;
    let broker = settings.broker.connect(settings.broker.shared()?);
    let meant = chosen.letters(&table).await?;
    if chosen.dry_run {
        return dry_run(&table, &meant, chosen.output.format, "replayed").await;
    }
    let earlier = chosen.earlier(&table).await?;
    let (store, who) = (&table.store, chosen.operator.who());
    let followed = Followed::new(store, &who, chosen.output.format);
    let mut tool = Tool { store, broker, who: &who, open: None, followed };
    tool.replay_all(meant, settings.rate).await?;
    for letter in earlier {
        tool.followed.add(letter).await?;
    }
    tool.followed.until_known(Duration::from_secs(settings.wait)).await?;
    let (failed, open) = (tool.followed.failed, tool.followed.open());
    store.close().await;
    match (failed, open) {
        (0, 0) => Ok(()),
        (failed, open) => Err(Failure::Check(format!(
            "{failed} letters are not stored, and of {open} nothing is known yet"
        ))),
    }
}

struct Tool<'a> {
    store: &'a Store,
    broker: Broker,
    who: &'a Who,
    /// The connection, as long as it is good.
    open: Option<(Link, ConfirmedPublisher)>,
    /// What was published and has not ended.
    followed: Followed<'a>,
}

impl Tool<'_> {
    /// Replays these, at most so many a second. Those that somebody else is replaying come last, each
    /// when its other operator has had the time for it.
    async fn replay_all(&mut self, meant: Vec<Meant>, rate: u32) -> Result<(), Failure> {
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut held = Vec::new();
        for letter in meant {
            ticks.tick().await;
            match self.replay(letter).await? {
                Outcome::Busy { retry, who } => held.push((Instant::now() + retry, who, letter)),
                outcome => self.told(letter.id, outcome).await?,
            }
        }
        for (due, who, letter) in held {
            let seconds = due.saturating_duration_since(Instant::now()).as_secs() + 1;
            output::warn(format_args!("waiting {seconds} s for {who}"));
            sleep_until(due).await;
            let outcome = self.replay(Meant { seen: None, ..letter }).await?;
            self.told(letter.id, outcome).await?;
        }
        Ok(())
    }

    /// Follows a letter that was published, or says why it was not.
    async fn told(&mut self, id: LetterId, outcome: Outcome) -> Result<(), Failure> {
        match outcome {
            Outcome::Done(_) | Outcome::Closed(State::Replayed) => self.followed.add(id).await,
            Outcome::Closed(state) => {
                self.followed.failed += usize::from(state != State::Stored);
                self.followed.say(id, state.word(), None)
            }
            other => {
                self.followed.failed += 1;
                output::warn(refused(id, other).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Replays one letter, and waits for servers that are away. It is one replay, however often it
    /// is tried.
    async fn replay(&mut self, letter: Meant) -> Result<Outcome, Failure> {
        let (id, mut patience) = (ActionId::from(new_id()), Patience::default());
        loop {
            match self.once(letter, id).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => {
                    self.open = None;
                    patience.wait(error).await?;
                }
            }
        }
    }

    async fn once(&mut self, letter: Meant, id: ActionId) -> Result<Outcome, Error> {
        if self.open.is_none() {
            let link = self.broker.open_declared("dead-letters replay").await?;
            let publisher = link.confirmed_publisher().await?;
            self.open = Some((link, publisher));
        }
        let Some((link, publisher)) = &self.open else { return Ok(Outcome::Unknown) };
        let replays = Replays { store: self.store, publisher, clock, who: self.who };
        tokio::select! {
            outcome = replays.replay(letter.id, id, letter.seen) => outcome,
            fault = link.lost() => Err(fault.into()),
        }
    }
}
