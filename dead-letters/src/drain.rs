//! Moves dead letters from their queue into the table: a row, then the acknowledgement.

use std::time::Duration;

use bus::{
    Broker, Confirmed, Consumer, Delivery, Envelope, Fault, Health, Tag, dead_letter, failpoint,
    supervise,
};
use schemas::topology::DEAD_LETTER_QUEUE;
use schemas::{DeadLetter, Request};
use seams::{Mutant, chance, planted};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::row::{labelled, row};
use crate::step::Clock;

/// Letters that are taken at a time. Each may be as large as the broker allows.
const PREFETCH: u16 = 32;
/// A letter that was delivered this often is published again, so that its deliveries count from
/// zero: RabbitMQ 4 drops a letter that was delivered 20 times, and has nowhere to put it.
const OFTEN: u32 = 8;

/// Moves letters until `stop`, beside whatever else the process does and on a connection of its own.
/// While the database is away they stay in their queue.
pub async fn run(broker: &Broker, store: &Store, stop: &CancellationToken, clock: Clock) {
    let drain = Drain { broker, store, stop, clock };
    supervise(NAME, &Health::default(), stop, || drain.session()).await;
}

/// In logs, and in the broker's tools.
const NAME: &str = "dead letters";

struct Drain<'a> {
    broker: &'a Broker,
    store: &'a Store,
    stop: &'a CancellationToken,
    clock: Clock,
}

impl Drain<'_> {
    async fn session(&self) -> Result<(), Fault> {
        // A letter that is taken while the database is away is delivered once more for nothing.
        if self.stop.run_until_cancelled(self.database_answers()).await.is_none() {
            return Ok(());
        }
        let link = self.broker.open_for_requests(NAME).await?;
        let mut consumer = link.consume(DEAD_LETTER_QUEUE, PREFETCH).await?;
        tokio::select! {
            biased;
            fault = link.lost() => return Err(fault),
            moved = self.move_all(&mut consumer) => moved?,
        }
        drop(consumer);
        link.close().await;
        Ok(())
    }

    async fn database_answers(&self) {
        while self.store.ping().await.is_err() {
            tokio::time::sleep(pause()).await;
        }
    }

    async fn move_all(&self, consumer: &mut Consumer) -> Result<(), Fault> {
        while let Some(first) = self.stop.run_until_cancelled(consumer.next()).await {
            let Some(first) = first? else { return Ok(()) };
            let batch = ready(consumer, Some(first))?;
            self.settle(consumer, batch).await?;
        }
        // A broker in this process keeps nothing: what was set aside is moved before it ends.
        if self.broker.outlives_us() {
            consumer.cancel().await?;
        }
        loop {
            let batch = ready(consumer, None)?;
            if batch.is_empty() || !self.settle(consumer, batch).await? {
                return Ok(());
            }
        }
    }

    /// Moves these letters. Says whether it did: after a stop it does not wait for the database.
    async fn settle(&self, consumer: &Consumer, batch: Vec<Delivery>) -> Result<bool, Fault> {
        let (settler, mut fresh) = (consumer.settler(), Vec::with_capacity(batch.len()));
        for letter in batch {
            if letter.earlier >= OFTEN && self.publish_again(&letter).await? {
                settler.ack(letter.tag)?;
            } else {
                fresh.push(letter);
            }
        }
        if planted(Mutant::LettersAckedFirst) {
            for letter in &fresh {
                settler.ack(letter.tag)?;
            }
        }
        let Some(kept) = self.keep(fresh).await else { return Ok(false) };
        for tag in kept.into_iter().filter(|_| !planted(Mutant::LettersAckedFirst)) {
            settler.ack(tag)?;
        }
        Ok(true)
    }

    /// Publishes a copy, on a connection of its own, and says whether the queue took it. If not, the
    /// letter is moved as any other: each session that ended here would be one more delivery. If the
    /// process dies before the letter is acknowledged there are two of them, with one id.
    async fn publish_again(&self, letter: &Delivery) -> Result<bool, Fault> {
        let label = labelled(&letter.envelope, &letter.body);
        let link = self.broker.open_declared(NAME).await?;
        let publisher = link.confirmed_publisher().await?;
        let publishing = dead_letter::publish(&publisher, &letter.envelope, &letter.body, label);
        let confirmed = publishing.await?;
        link.close().await;
        Ok(confirmed == Confirmed::Taken)
    }

    /// Stores the letters. Returns the tags of those that are stored; `None` after a stop. One that
    /// the database refuses stays in the queue, and is tried again in the next session.
    async fn keep(&self, letters: Vec<Delivery>) -> Option<Vec<Tag>> {
        let mut waiting = false;
        loop {
            match self.keep_once(&letters).await {
                Ok(kept) => {
                    if waiting {
                        tracing::info!("the database is back: dead letters are moved");
                    }
                    return Some(kept);
                }
                Err(error) => {
                    if !std::mem::replace(&mut waiting, true) {
                        tracing::warn!(%error, "dead letters wait in their queue for the database");
                    }
                }
            }
            self.stop.run_until_cancelled(tokio::time::sleep(pause())).await?;
        }
    }

    async fn keep_once(&self, letters: &[Delivery]) -> Result<Vec<Tag>, store::Error> {
        let now = self.store.time(self.clock).await?;
        let of = |Delivery { envelope, body, .. }: &Delivery| row(envelope, body, now);
        let rows: Vec<_> = letters.iter().map(of).collect();
        let outcome = self.store.letters().keep(&rows).await?;
        let mut kept = Vec::with_capacity(letters.len());
        for ((letter, row), outcome) in letters.iter().zip(rows).zip(outcome) {
            let id = row.id;
            let stored = match outcome {
                Ok(()) => Ok(()),
                Err(refused) => self.keep_cut(row).await?.map_err(|_| refused),
            };
            match stored {
                Ok(()) => kept.push(letter.tag),
                Err(refused) => tracing::error!(%id, %refused, "a dead letter stays in its queue"),
            }
        }
        let ids = letters.iter().filter_map(|letter| id(&letter.envelope));
        failpoint::reach("letters.before-ack", ids);
        Ok(kept)
    }

    /// Stores a letter that the database refused: it may take less in one statement. What is
    /// longer than a request may be is no request.
    async fn keep_cut(
        &self,
        mut row: DeadLetter,
    ) -> Result<Result<(), store::Rejected>, store::Error> {
        row.body.truncate(Request::MAX_BODY);
        let kept = self.store.letters().keep(std::slice::from_ref(&row)).await?;
        Ok(kept.into_iter().next().unwrap_or(Ok(())))
    }
}

/// The id that a test names a letter by.
fn id(envelope: &Envelope) -> Option<schemas::MissionId> {
    envelope.message_id.as_deref()?.parse().ok()
}

/// The letters that are here, at most as many as are taken at a time.
fn ready(consumer: &mut Consumer, first: Option<Delivery>) -> Result<Vec<Delivery>, Fault> {
    let mut batch = Vec::from_iter(first);
    while batch.len() < usize::from(PREFETCH)
        && let Some(next) = consumer.ready()?
    {
        batch.push(next);
    }
    Ok(batch)
}

fn pause() -> Duration {
    chance::millis(100..=500)
}
