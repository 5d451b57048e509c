//! Reading: missions by their ids, and pages of the list. A row that cannot be read does not fail
//! the others.

use std::collections::HashMap;

use schemas::{Mission, MissionId};
use seams::{Mutant, planted};

use crate::cursor::Cursor;
use crate::database::Database;
use crate::error::{Error, Failure};
use crate::page_cursor::{Direction, PageCursor};
use crate::rows::Stored;
use crate::sql::ROWS;
use crate::unreadable::Unreadable;

/// What is stored under some ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The missions.
    pub missions: Vec<Mission>,
    /// The rows that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// How many rows were read.
    pub rows: usize,
}

/// A page of the list of missions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The missions, the newest first.
    pub missions: Vec<Mission>,
    /// The rows between them that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The page of older missions, if there is one.
    pub next: Option<PageCursor>,
    /// The page of newer missions, if there is one. The first page has none.
    pub prev: Option<PageCursor>,
}

/// What lies behind a position, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The missions, the oldest first.
    pub missions: Vec<Mission>,
    /// The rows between them that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The position of the last row of this page, be it readable or not.
    pub last: Option<Cursor>,
    /// Whether rows follow behind [`last`](Self::last).
    pub more: bool,
}

impl Page {
    /// Where the next page begins, if there is one.
    pub fn next(&self) -> Option<Cursor> {
        self.last.filter(|_| self.more)
    }
}

/// The missions stored under these ids, in the order of the ids.
pub(crate) async fn find(database: &Database, ids: &[MissionId]) -> Result<Found, Error> {
    let (mut missions, mut found) = (HashMap::with_capacity(ids.len()), Found::default());
    let mut work: Vec<&[MissionId]> = ids.chunks(ROWS).rev().collect();
    while let Some(ids) = work.pop() {
        match database.find(ids).await {
            Ok(rows) => {
                found.rows += rows.len();
                for row in rows {
                    match row.mission {
                        Ok(mission) => drop(missions.insert(mission.id, mission)),
                        Err(wrong) => found.unreadable.push(wrong),
                    }
                }
            }
            // A server may take less than this in one statement.
            Err(Failure::Refused(_)) if ids.len() > 1 => {
                let (left, right) = ids.split_at(ids.len() / 2);
                work.extend([right, left]);
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    found.missions = ids.iter().filter_map(|id| missions.get(id).cloned()).collect();
    Ok(found)
}

/// The page that these rows are: one row more than `limit` was asked for, which tells whether
/// another page follows.
pub(crate) fn page(mut rows: Vec<Stored>, limit: u16) -> Page {
    let full = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let last = end(rows.iter().rev());
    let (missions, unreadable) = parted(rows);
    Page { missions, unreadable, last, more: full && last.is_some() }
}

/// The page of the list at this place that these rows are. They come in its direction, with one more
/// than `limit` as above. What lies behind the cursor of the page is not looked up: somebody came
/// from there.
pub(crate) fn list_page(mut rows: Vec<Stored>, limit: u16, place: Option<PageCursor>) -> ListPage {
    let full = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let (first, last) = (end(rows.iter()), end(rows.iter().rev()));
    let (onward, back) =
        (last.filter(|_| full), place.map(|place| first.unwrap_or(place.beside())));
    let (mut missions, mut unreadable) = parted(rows);
    let (next, prev) = match place.map_or(Direction::Older, |place| place.direction) {
        Direction::Older => (onward, back),
        Direction::Newer => {
            missions.reverse();
            unreadable.reverse();
            (back, onward)
        }
    };
    let (next, prev) = (next.map(PageCursor::older), prev.map(PageCursor::newer));
    ListPage { missions, unreadable, next, prev }
}

/// The position of the first of these rows that has one.
fn end<'r>(mut rows: impl Iterator<Item = &'r Stored>) -> Option<Cursor> {
    let end = rows.find_map(|row| row.position);
    end.map(|end| match planted(Mutant::CursorSkipsEqualTimes) {
        true => Cursor { id: uuid::Uuid::nil().into(), ..end },
        false => end,
    })
}

fn parted(rows: Vec<Stored>) -> (Vec<Mission>, Vec<Unreadable>) {
    let (mut missions, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match row.mission {
            Ok(mission) => missions.push(mission),
            Err(wrong) => unreadable.push(wrong),
        }
    }
    (missions, unreadable)
}
