//! Follows the table for all listeners.
//!
//! A row is committed some time after its `created_at` was taken, so rows are not committed in their
//! order. Two positions move through the table. The *lead* sends rows as soon as they are committed.
//! The *settled* position follows when rows are 10 s old, and sends those that were committed behind
//! the lead. A row that is committed even later is sent when its event arrives.

use std::time::Duration;

use schemas::{CreatedAt, Mission, MissionId};
use seams::{Mutant, planted};
use store::{Cursor, Error, Page, Store, Unreadable};
use uuid::Uuid;

use super::recent::Recent;

/// Rows that are read at once.
pub(super) const PAGE: u16 = Mission::BATCH;
/// A row of this age is settled: no statement that writes takes so long. A row that is further than
/// this in the future is sent when its time has come: it would move the lead past all other rows.
pub(super) const SETTLED: Duration = Duration::from_secs(10);
/// How long a row is remembered after that: its event may be late.
const REMEMBERED: Duration = Duration::from_secs(2);

/// How far the table was read, and what was sent of it.
pub(super) struct Reader {
    lead: Cursor,
    settled: Cursor,
    recent: Recent,
}

impl Reader {
    /// Begins now: what is stored already is not sent.
    pub(super) async fn begin(store: &Store, now: CreatedAt) -> Result<Self, Error> {
        let start = beginning(earlier(now, SETTLED));
        let mut reader = Self { lead: start, settled: start, recent: Recent::default() };
        reader.lead(store, now, &mut |_, _| {}).await?;
        Ok(reader)
    }

    /// Every mission up to here was sent.
    pub(super) fn settled(&self) -> Cursor {
        self.settled
    }

    /// Sends what was stored since the last time, each batch with the settled position. The lead moves
    /// last: no mission is sent before one that is 10 s older, so a client that comes back 10 s before
    /// its last mission misses none. `late` are missions whose events came after their rows were
    /// settled.
    pub(super) async fn read(
        &mut self,
        store: &Store,
        now: CreatedAt,
        late: &[MissionId],
        mut tell: impl FnMut(&[&Mission], Cursor),
    ) -> Result<(), Error> {
        self.late(store, late, &mut tell).await?;
        self.settle(store, now, &mut tell).await?;
        self.lead(store, now, &mut tell).await
    }

    async fn late(
        &mut self,
        store: &Store,
        ids: &[MissionId],
        tell: &mut impl FnMut(&[&Mission], Cursor),
    ) -> Result<(), Error> {
        let unknown: Vec<_> = ids.iter().copied().filter(|id| !self.recent.contains(*id)).collect();
        let found =
            if unknown.is_empty() { Vec::new() } else { store.find(&unknown).await?.missions };
        let behind = |mission: &&Mission| place(&Cursor::from(*mission)) <= place(&self.settled);
        let news: Vec<_> = found.iter().filter(behind).collect();
        self.tell(&news, tell);
        Ok(())
    }

    async fn settle(
        &mut self,
        store: &Store,
        now: CreatedAt,
        tell: &mut impl FnMut(&[&Mission], Cursor),
    ) -> Result<(), Error> {
        let old = earlier(now, SETTLED);
        loop {
            let page = store.after(self.settled, PAGE).await?;
            let (rows, end) = until(&page, old);
            let Some(end) = end else { return Ok(()) };
            page.unreadable.iter().for_each(say_unreadable);
            self.settled = end;
            if place(&self.lead) < place(&self.settled) {
                self.lead = self.settled;
            }
            let missed: Vec<_> =
                rows.iter().copied().filter(|row| !self.recent.contains(row.id)).collect();
            if !planted(Mutant::NoSecondLook) {
                self.tell(&missed, tell);
            }
            self.recent.forget_before(earlier(self.settled.created_at, REMEMBERED));
            if page.next() != Some(end) {
                return Ok(());
            }
        }
    }

    async fn lead(
        &mut self,
        store: &Store,
        now: CreatedAt,
        tell: &mut impl FnMut(&[&Mission], Cursor),
    ) -> Result<(), Error> {
        let future = later(now, SETTLED);
        loop {
            let page = store.after(self.lead, PAGE).await?;
            let (rows, end) = until(&page, future);
            let Some(end) = end else { return Ok(()) };
            self.lead = end;
            let news: Vec<_> =
                rows.iter().copied().filter(|row| !self.recent.contains(row.id)).collect();
            self.tell(&news, tell);
            if page.next() != Some(end) {
                return Ok(());
            }
        }
    }

    fn tell(&mut self, news: &[&Mission], tell: &mut impl FnMut(&[&Mission], Cursor)) {
        news.iter().for_each(|mission| self.recent.remember(mission));
        if !news.is_empty() {
            tell(news, self.settled);
        }
    }
}

/// The missions of a page up to this time, and how far the page leads up to it, also where a row
/// cannot be read.
fn until(page: &Page, time: CreatedAt) -> (Vec<&Mission>, Option<Cursor>) {
    let missions: Vec<_> = page.missions.iter().take_while(|m| m.created_at <= time).collect();
    let last = missions.last().map(|mission| Cursor::from(*mission));
    let end = page.last.filter(|end| end.created_at <= time).or(last);
    (missions, end)
}

fn say_unreadable(row: &Unreadable) {
    tracing::warn!(%row, "the event stream leaves out a row");
}

/// What the table is ordered by.
fn place(cursor: &Cursor) -> (CreatedAt, Uuid) {
    (cursor.created_at, cursor.id.uuid())
}

/// The position before every row of this time.
pub(super) fn beginning(time: CreatedAt) -> Cursor {
    Cursor { created_at: time, id: Uuid::nil().into() }
}

/// This time minus a duration, and not before 1970: MySQL does not accept some of those times.
pub(super) fn earlier(time: CreatedAt, by: Duration) -> CreatedAt {
    shifted(time, -micros(by))
}

fn later(time: CreatedAt, by: Duration) -> CreatedAt {
    shifted(time, micros(by))
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn shifted(time: CreatedAt, by: i64) -> CreatedAt {
    CreatedAt::from_micros(time.micros().saturating_add(by).max(0)).unwrap_or(time)
}
