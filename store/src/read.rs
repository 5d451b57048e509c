//! Reading: missions by their ids, and pages of the list. A row that cannot be read does not fail
//! the others.

use std::collections::HashMap;

use schemas::{Mission, MissionId};
use seams::{Mutant, planted};

use crate::cursor::Cursor;
use crate::database::Database;
use crate::error::{Error, Failure};
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

/// The position of the first of these rows that has one.
pub(crate) fn end<'r>(mut rows: impl Iterator<Item = &'r Stored>) -> Option<Cursor> {
    let end = rows.find_map(|row| row.position);
    end.map(|end| match planted(Mutant::CursorSkipsEqualTimes) {
        true => Cursor { id: uuid::Uuid::nil().into(), ..end },
        false => end,
    })
}

pub(crate) fn parted(rows: Vec<Stored>) -> (Vec<Mission>, Vec<Unreadable>) {
    let (mut missions, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match row.mission {
            Ok(mission) => missions.push(mission),
            Err(wrong) => unreadable.push(wrong),
        }
    }
    (missions, unreadable)
}
