//! `spymission dead-letters replay`: publishes requests again, and says what became of each.

use std::time::Duration;

use bus::{Broker, ConfirmedPublisher, Link};
use dead_letters::follow::{self, Fate, Replayed};
use dead_letters::replay::Replays;
use dead_letters::{Error, Outcome, Stand};
use schemas::dead_letter::{State, Who};
use schemas::{ActionId, LetterId};
use store::Store;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use super::decide::refused;
use super::dry_run::dry_run;
use super::list::json;
use super::select::Meant;
use crate::cli::{LetterFormat, Replay};
use crate::failure::Failure;
use crate::output;
use crate::system::{clock, new_id};
use crate::tools::table::Table;

/// How long a server may be away before the tool gives up. The command can be repeated.
const AWAY: Duration = Duration::from_secs(60);
/// How often it is looked what became of the replays.
const LOOK: Duration = Duration::from_millis(250);

pub(super) async fn run(settings: Replay) -> Result<(), Failure> {
    let chosen = settings.chosen;
    let table = Table::open(&chosen.database)?;
    let broker = settings.broker.connect(settings.broker.shared()?);
    let meant = chosen.letters(&table).await?;
    if chosen.dry_run {
        return dry_run(&table, &meant, chosen.output.format, "replayed").await;
    }
    let mut tool = Tool {
        store: &table.store,
        broker,
        who: chosen.operator.who(),
        format: chosen.output.format,
        open: None,
        followed: Vec::new(),
        failed: 0,
    };
    tool.replay_all(meant, settings.rate).await?;
    for letter in chosen.earlier(&table).await? {
        tool.published(letter).await?;
    }
    tool.follow(Duration::from_secs(settings.wait)).await?;
    let (failed, open) = (tool.failed, tool.followed.len());
    table.store.close().await;
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
    who: Who,
    format: LetterFormat,
    /// The connection, as long as it is good.
    open: Option<(Link, ConfirmedPublisher)>,
    /// What was published and has not ended.
    followed: Vec<Replayed>,
    /// How many are not stored: not published, or set aside again.
    failed: usize,
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
            match self.patiently(letter).await? {
                Outcome::Busy { retry, who } => held.push((Instant::now() + retry, who, letter)),
                outcome => self.told(letter.id, outcome).await?,
            }
        }
        for (due, who, letter) in held {
            let seconds = due.saturating_duration_since(Instant::now()).as_secs() + 1;
            output::warn(format_args!("waiting {seconds} s for {who}"));
            sleep_until(due).await;
            let outcome = self.patiently(Meant { seen: None, ..letter }).await?;
            self.told(letter.id, outcome).await?;
        }
        Ok(())
    }

    /// Follows a letter that was published, or says why it was not.
    async fn told(&mut self, id: LetterId, outcome: Outcome) -> Result<(), Failure> {
        match outcome {
            Outcome::Done(_) | Outcome::Closed(State::Replayed) => self.published(id).await,
            Outcome::Closed(state) => {
                self.failed += usize::from(state != State::Stored);
                self.say(id, state.word(), None)
            }
            other => {
                self.failed += 1;
                output::warn(refused(id, other).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Replays one letter, and waits for servers that are away. It is one replay, however often it
    /// is tried.
    async fn patiently(&mut self, letter: Meant) -> Result<Outcome, Failure> {
        let (id, began, mut said) = (ActionId::from(new_id()), Instant::now(), false);
        loop {
            let error = match self.once(letter, id).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            self.open = None;
            if began.elapsed() > AWAY {
                let hint = "repeat the command when it is back: it goes on where it stopped";
                return Err(Failure::Check(format!("{error}; {hint}")));
            }
            if !std::mem::replace(&mut said, true) {
                output::warn(format_args!("waiting: {error}"));
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    async fn once(&mut self, letter: Meant, id: ActionId) -> Result<Outcome, Error> {
        if self.open.is_none() {
            let link = self.broker.open_declared("dead-letters replay").await?;
            let publisher = link.confirmed_publisher().await?;
            self.open = Some((link, publisher));
        }
        let Some((link, publisher)) = &self.open else { return Ok(Outcome::Unknown) };
        let replays = Replays { store: self.store, publisher, clock, who: &self.who };
        tokio::select! {
            outcome = replays.replay(letter.id, id, letter.seen) => outcome,
            fault = link.lost() => Err(fault.into()),
        }
    }

    /// A letter was published: it is followed.
    async fn published(&mut self, id: LetterId) -> Result<(), Failure> {
        if self.followed.iter().any(|replayed| replayed.letter == id) {
            return Ok(());
        }
        if let Some(stand) = Stand::read(self.store, id).await? {
            self.followed.extend(Replayed::of(&stand));
        }
        Ok(())
    }

    /// Waits for what becomes of the replays, and records it.
    async fn follow(&mut self, most: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        while !self.followed.is_empty() {
            let fates = follow::fates(self.store, &self.followed).await;
            let fates = fates.map_err(|error| Failure::Check(error.to_string()))?;
            let mut open = Vec::new();
            for (replayed, fate) in std::mem::take(&mut self.followed).into_iter().zip(fates) {
                match fate {
                    Fate::Open => open.push(replayed),
                    fate => self.ended(&replayed, &fate).await?,
                }
            }
            self.followed = open;
            if began.elapsed() >= most {
                break;
            }
            sleep(LOOK).await;
        }
        for replayed in &self.followed {
            self.say(replayed.letter, "published", None)?;
        }
        Ok(())
    }

    async fn ended(&mut self, replayed: &Replayed, fate: &Fate) -> Result<(), Failure> {
        let recording = follow::record(self.store, clock, &self.who, replayed, fate).await;
        recording.map_err(|error| Failure::Check(error.to_string()))?;
        if let Fate::SetAside(next) = fate {
            self.failed += 1;
            return self.say(replayed.letter, "set-aside-again", Some(*next));
        }
        self.say(replayed.letter, "stored", None)
    }

    fn say(&self, id: LetterId, state: &str, next: Option<LetterId>) -> Result<(), Failure> {
        output::say(&match (self.format, next) {
            (LetterFormat::Json, next) => {
                json(&serde_json::json!({ "id": id, "state": state, "next": next }))
            }
            (LetterFormat::Text, None) => format!("{id}  {state}\n"),
            (LetterFormat::Text, Some(next)) => format!("{id}  {state}, now {next}\n"),
        })
    }
}
