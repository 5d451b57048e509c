//! Waiting for what becomes of a batch.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::batch::Batch;
use crate::follow::{self, Fate, Replayed};
use crate::patience::{Event, Patience};
use crate::step::Error;

/// How often it is looked what became of the replays, at first and later.
const LOOKS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));
/// Replays that are looked at together.
const TOGETHER: usize = 256;

impl Batch<'_> {
    /// Waits for what becomes of these replays, for so long at most, and records it. Returns those of
    /// which nothing is known then.
    ///
    /// # Errors
    /// The database was away for a minute, or `tell` fails.
    pub async fn follow<E: From<Error>>(
        &self,
        mut open: Vec<Replayed>,
        most: Duration,
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Vec<Replayed>, E> {
        let (began, (soon, seldom)) = (Instant::now(), LOOKS);
        let mut pause = soon;
        while !open.is_empty() {
            let last = began.elapsed() >= most || self.stop.is_cancelled();
            let mut still = Vec::with_capacity(open.len());
            for some in open.chunks(TOGETHER) {
                still.extend(self.look(some, tell).await?);
                if !last {
                    self.stop.run_until_cancelled(sleep(pause)).await;
                }
            }
            pause = if still.len() < open.len() { soon } else { seldom.min(pause * 2) };
            open = still;
            if last {
                break;
            }
        }
        Ok(open)
    }

    /// Records and tells what became of these. Returns those of which nothing is known yet.
    async fn look<E: From<Error>>(
        &self,
        replays: &[Replayed],
        tell: &mut impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<Vec<Replayed>, E> {
        let mut patience = Patience::default();
        let fates = loop {
            match follow::settle(self.store, self.clock, replays).await {
                Ok(fates) => break fates,
                Err(error) => patience.fails(error, self.stop, tell).await?,
            }
        };
        let mut open = Vec::new();
        for (replayed, fate) in replays.iter().zip(fates) {
            match fate {
                Fate::Open => open.push(replayed.clone()),
                fate => tell(Event::Ended(replayed.letter, &fate))?,
            }
        }
        Ok(open)
    }
}
