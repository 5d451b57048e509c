//! `spymission dead-letters replay`: publishes requests again, and says what became of each.

use std::num::NonZeroU32;
use std::time::Duration;

use dead_letters::batch::Batch;
use dead_letters::{Event, Fate, Outcome};
use schemas::LetterId;
use schemas::dead_letter::State;
use tokio_util::sync::CancellationToken;

use super::decide::refused;
use super::dry_run::dry_run;
use super::list::json;
use crate::cli::{LetterFormat, Replay};
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
    let (who, stop) = (chosen.operator.who(), CancellationToken::new());
    let batch = Batch {
        store: &table.store,
        broker: &broker,
        clock,
        who: &who,
        name: "dead-letters replay",
        stop: &stop,
    };
    let mut printed = Printed { format: chosen.output.format, failed: 0 };
    let mut tell = |event: Event<'_>| printed.tell(event);
    let named = meant.into_iter().map(|meant| (meant, new_id().into()));
    let rate = NonZeroU32::new(settings.rate).unwrap_or(NonZeroU32::MIN);
    let mut published = batch.replay(named, rate, &mut tell).await?;
    for letter in chosen.earlier(&table).await? {
        if !published.iter().any(|replayed| replayed.letter == letter) {
            published.extend(batch.published(letter, &mut tell).await?);
        }
    }
    let open = batch.follow(published, Duration::from_secs(settings.wait), &mut tell).await?;
    for replayed in &open {
        printed.say(replayed.letter, "published", None)?;
    }
    table.store.close().await;
    match (printed.failed, open.len()) {
        (0, 0) => Ok(()),
        (failed, open) => Err(Failure::Check(format!(
            "{failed} letters are not stored, and of {open} nothing is known yet"
        ))),
    }
}

/// What is printed about a replay.
struct Printed {
    format: LetterFormat,
    /// How many letters are not stored: not published, or set aside again.
    failed: usize,
}

impl Printed {
    fn tell(&mut self, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Waits(error) => output::warn(format_args!("waiting: {error}")),
            Event::Held(who, left) => {
                output::warn(format_args!("waiting {} s for {who}", left.as_secs() + 1));
            }
            Event::Published(_) | Event::Others(_) => {}
            Event::Left(id, Outcome::Closed(state)) if !state.is_open() => {
                self.failed += usize::from(state != State::Stored);
                return self.say(id, state.word(), None);
            }
            Event::Left(id, outcome) => {
                self.failed += 1;
                output::warn(refused(id, outcome).unwrap_or_default());
            }
            Event::Ended(id, Fate::SetAside(next)) => {
                self.failed += 1;
                return self.say(id, State::SetAsideAgain.word(), Some(*next));
            }
            Event::Ended(id, _) => return self.say(id, State::Stored.word(), None),
        }
        Ok(())
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
