//! Deleting old rows, at a rate.

use std::time::Duration;

use schemas::CreatedAt;
use store::{Error, Store};
use tokio::time::Instant;

use super::table::Table;
use crate::cli::Prune;
use crate::failure::Failure;
use crate::output;
use crate::process::stop::Signals;
use crate::system::clock;

/// Rows that one statement deletes: it locks them for milliseconds.
const BATCH: u16 = 500;

/// How rows are deleted, and how they are counted.
pub(super) trait Old {
    /// What they are called, many of them.
    const NAME: &'static str;

    /// Deletes at most `limit` of them, and returns how many.
    async fn delete(&self, store: &Store, before: CreatedAt, limit: u16) -> Result<usize, Error>;

    /// How many there are; it stops at a million.
    async fn count(&self, store: &Store, before: CreatedAt) -> Result<u64, Error>;
}

/// Deletes them until none is left, or counts them; again and again, if that was asked for.
pub(super) async fn run<O: Old>(old: O, settings: Prune, table: Table) -> Result<(), Failure> {
    let Some(every) = settings.every else {
        let done = once(&old, &settings, &table).await;
        table.store.close().await;
        return done;
    };
    let mut signals = Signals::listen()?;
    loop {
        // A batch that has begun ends by itself.
        tokio::select! {
            () = signals.next() => break,
            // A database that is away now is there the next time.
            done = once(&old, &settings, &table) => if let Err(failure) = done {
                output::warn(failure);
            }
        }
        tokio::select! {
            () = signals.next() => break,
            () = tokio::time::sleep(every.0) => {}
        }
    }
    table.store.close().await;
    Ok(())
}

async fn once<O: Old>(old: &O, settings: &Prune, table: &Table) -> Result<(), Failure> {
    let now = table.read(async |store| store.time(clock).await).await?;
    let before = settings.older_than.seen_from(now);
    if settings.dry_run {
        let count = table.read(async |store| old.count(store, before).await).await?;
        let more = if count >= 1_000_000 { " or more" } else { "" };
        return output::say(&format!("{count}{more} {} from before {before}\n", O::NAME));
    }
    let limit = u16::try_from(settings.rate).unwrap_or(BATCH).min(BATCH);
    let (began, mut deleted) = (Instant::now(), 0_usize);
    loop {
        let some = table.read(async |store| old.delete(store, before, limit).await).await?;
        deleted += some;
        if some < usize::from(limit) {
            break;
        }
        let due = Duration::from_secs_f64(deleted as f64 / f64::from(settings.rate));
        tokio::time::sleep_until(began + due).await;
    }
    output::say(&format!("deleted {deleted} {} from before {before}\n", O::NAME))
}
