//! The tables, and their statements.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use schemas::dead_letter::State;
use schemas::{CreatedAt, DeadLetter, LetterId, Mission, MissionId};
use tokio::time::sleep;

use super::plan::{Outcome, Plan};
use crate::cursor::Cursor;
use crate::error::{Error, Failure};
use crate::filter::Filter;
use crate::page_cursor::{Direction, PageCursor};
use crate::rows::Stored;

/// The tables of a simulation. Clones share their rows.
#[derive(Clone)]
pub struct Tables {
    rows: Arc<Mutex<Rows>>,
    plan: Arc<dyn Plan>,
}

#[derive(Default)]
struct Rows {
    missions: BTreeMap<MissionId, Mission>,
    letters: BTreeMap<LetterId, DeadLetter>,
}

impl Tables {
    /// Empty tables.
    pub fn new(plan: Arc<dyn Plan>) -> Self {
        Self { rows: Arc::default(), plan }
    }

    /// Every mission, by id.
    pub fn missions(&self) -> BTreeMap<MissionId, Mission> {
        self.rows().missions.clone()
    }

    /// This mission.
    pub fn mission(&self, id: MissionId) -> Option<Mission> {
        self.rows().missions.get(&id).cloned()
    }

    /// Every dead letter.
    pub fn letters(&self) -> Vec<DeadLetter> {
        self.rows().letters.values().cloned().collect()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn insert(&self, rows: &[&Mission]) -> Result<(), Failure> {
        self.statement(true, |tables| {
            if rows.iter().any(|row| tables.missions.contains_key(&row.id)) {
                return Err(Failure::Duplicate);
            }
            if rows.iter().any(|row| self.plan.refuses(row.id)) {
                return Err(Failure::Refused("a trigger refuses it".to_owned()));
            }
            let missions: Vec<Mission> = rows.iter().map(|row| (*row).clone()).collect();
            self.plan.committed(&missions);
            tables.missions.extend(missions.into_iter().map(|mission| (mission.id, mission)));
            Ok(())
        })
        .await
    }

    pub(crate) async fn find(&self, ids: &[MissionId]) -> Result<Vec<Stored>, Failure> {
        self.statement(false, |tables| {
            let found = ids.iter().filter_map(|id| tables.missions.get(id));
            Ok(found.cloned().map(Stored::from).collect())
        })
        .await
    }

    pub(crate) async fn list(
        &self,
        filter: &Filter,
        page: Option<PageCursor>,
        limit: u32,
    ) -> Result<Vec<Stored>, Failure> {
        let direction = page.map_or(Direction::Older, |page| page.direction);
        let beyond = |mission: &Mission, from| match direction {
            Direction::Older => place(Cursor::from(mission)) < from,
            Direction::Newer => place(Cursor::from(mission)) > from,
        };
        let passes = |mission: &Mission| {
            filter.since.is_none_or(|since| mission.created_at >= since)
                && filter.until.is_none_or(|until| mission.created_at < until)
                && page.is_none_or(|page| beyond(mission, place(page.from)))
        };
        self.statement(false, |tables| {
            let mut rows = in_order(tables, passes);
            if direction == Direction::Older {
                rows.reverse();
            }
            Ok(rows.into_iter().take(limit as usize).map(Stored::from).collect())
        })
        .await
    }

    pub(crate) async fn after(&self, from: Cursor, limit: u32) -> Result<Vec<Stored>, Failure> {
        let passes = |mission: &Mission| place(Cursor::from(mission)) > place(from);
        self.statement(false, |tables| {
            let rows = in_order(tables, passes);
            Ok(rows.into_iter().take(limit as usize).map(Stored::from).collect())
        })
        .await
    }

    pub(crate) async fn insert_letters(&self, letters: &[&DeadLetter]) -> Result<(), Failure> {
        self.statement(true, |tables| {
            if letters.iter().any(|letter| tables.letters.contains_key(&letter.id)) {
                return Err(Failure::Duplicate);
            }
            let letters = letters.iter().map(|letter| (letter.id, (*letter).clone()));
            tables.letters.extend(letters);
            Ok(())
        })
        .await
    }

    pub(crate) async fn kept(
        &self,
        ids: &[LetterId],
    ) -> Result<Vec<(LetterId, (CreatedAt, State))>, Failure> {
        self.statement(false, |tables| {
            let kept = ids.iter().filter_map(|id| tables.letters.get(id));
            Ok(kept.map(|letter| (letter.id, (letter.last_at, State::Waiting))).collect())
        })
        .await
    }

    /// Whether it answers.
    pub(crate) async fn ping(&self) -> Result<(), Failure> {
        self.statement(false, |_| Ok(())).await
    }

    async fn statement<T>(
        &self,
        writes: bool,
        carry_out: impl FnOnce(&mut Rows) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let fate = self.plan.statement(writes);
        sleep(fate.before).await;
        let lost = || Failure::Broken("the connection is lost".to_owned());
        match fate.outcome {
            Outcome::Broken => return Err(lost()),
            Outcome::Deadlock => return Err(Failure::Again("a deadlock".to_owned())),
            Outcome::Away => {
                return Err(Error::Unavailable("the database is away".to_owned()).into());
            }
            Outcome::Done | Outcome::Unanswered => {}
        }
        let answer = carry_out(&mut self.rows());
        sleep(fate.after).await;
        if fate.outcome == Outcome::Unanswered { Err(lost()) } else { answer }
    }
}

fn in_order(tables: &Rows, passes: impl Fn(&Mission) -> bool) -> Vec<Mission> {
    let mut rows: Vec<_> = tables.missions.values().filter(|row| passes(row)).cloned().collect();
    rows.sort_by_key(|mission| place(Cursor::from(mission)));
    rows
}

/// What the table is ordered by.
fn place(cursor: Cursor) -> (CreatedAt, uuid::Uuid) {
    (cursor.created_at, cursor.id.uuid())
}
