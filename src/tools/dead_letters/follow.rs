//! What became of the replays: each is followed to its rows, or to its next letter.

use std::time::Duration;

use dead_letters::Stand;
use dead_letters::follow::{self, Fate, Replayed};
use schemas::LetterId;
use schemas::dead_letter::Who;
use store::Store;
use tokio::time::{Instant, sleep};

use super::list::json;
use super::patience::Patience;
use crate::cli::LetterFormat;
use crate::failure::Failure;
use crate::output;
use crate::system::clock;

/// How often it is looked what became of the replays.
const LOOK: Duration = Duration::from_millis(250);

/// Replays whose end is not known yet.
pub(super) struct Followed<'a> {
    store: &'a Store,
    who: &'a Who,
    format: LetterFormat,
    open: Vec<Replayed>,
    /// How many letters are not stored: not published, or set aside again.
    pub(super) failed: usize,
}

impl<'a> Followed<'a> {
    /// None so far.
    pub(super) fn new(store: &'a Store, who: &'a Who, format: LetterFormat) -> Self {
        Self { store, who, format, open: Vec::new(), failed: 0 }
    }

    /// Of how many nothing is known yet.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// A letter was published.
    pub(super) async fn add(&mut self, id: LetterId) -> Result<(), Failure> {
        if self.open.iter().any(|replayed| replayed.letter == id) {
            return Ok(());
        }
        let mut patience = Patience::default();
        loop {
            match Stand::read(self.store, id).await {
                Ok(found) => {
                    self.open.extend(found.and_then(|stand| Replayed::of(&stand)));
                    return Ok(());
                }
                Err(error) => patience.wait(error.into()).await?,
            }
        }
    }

    /// Waits for what becomes of the replays, and records it.
    pub(super) async fn until_known(&mut self, most: Duration) -> Result<(), Failure> {
        let (began, mut patience) = (Instant::now(), Patience::default());
        while !self.open.is_empty() {
            match follow::fates(self.store, &self.open).await {
                Ok(fates) => self.look(fates).await?,
                Err(error) => {
                    patience.wait(error).await?;
                    continue;
                }
            }
            if began.elapsed() >= most {
                break;
            }
            sleep(LOOK).await;
        }
        self.open.iter().try_for_each(|open| self.say(open.letter, "published", None))
    }

    /// These are what became of the open ones.
    async fn look(&mut self, fates: Vec<Fate>) -> Result<(), Failure> {
        for (replayed, fate) in std::mem::take(&mut self.open).into_iter().zip(fates) {
            match fate {
                Fate::Open => self.open.push(replayed),
                fate => self.ended(&replayed, &fate).await?,
            }
        }
        Ok(())
    }

    async fn ended(&mut self, replayed: &Replayed, fate: &Fate) -> Result<(), Failure> {
        let mut patience = Patience::default();
        while let Err(error) = follow::record(self.store, clock, self.who, replayed, fate).await {
            patience.wait(error).await?;
        }
        if let Fate::SetAside(next) = fate {
            self.failed += 1;
            return self.say(replayed.letter, "set-aside-again", Some(*next));
        }
        self.say(replayed.letter, "stored", None)
    }

    /// Says how a letter stands.
    pub(super) fn say(
        &self,
        id: LetterId,
        state: &str,
        next: Option<LetterId>,
    ) -> Result<(), Failure> {
        output::say(&match (self.format, next) {
            (LetterFormat::Json, next) => {
                json(&serde_json::json!({ "id": id, "state": state, "next": next }))
            }
            (LetterFormat::Text, None) => format!("{id}  {state}\n"),
            (LetterFormat::Text, Some(next)) => format!("{id}  {state}, now {next}\n"),
        })
    }
}
