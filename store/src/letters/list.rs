//! Reading letters: one, a page of them, groups.

use std::collections::HashMap;

use schemas::columns::{ColumnKind, Raw, TableRow};
use schemas::dead_letter::{BatchId, LetterGroup, State, Step};
use schemas::{Action, ActionId, CreatedAt, DeadLetter, LetterId};
use sqlx::{FromRow, Row};
use uuid::Uuid;

use super::filter::{LetterCursor, LetterFilter};
use crate::cursor::Cursor;
use crate::database::{Access, Database};
use crate::error::Error;
use crate::rows::{RawRow, time, uuid};
use crate::unreadable::Unreadable;

/// Whole letters that are read with one statement. Few: each may have a mebibyte.
const TOGETHER: usize = 16;

/// A letter in a list, and the last step that was taken about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The letter; its body may be cut, see [`Letters::list`](super::Letters::list).
    pub letter: DeadLetter,
    /// The last step.
    pub last: Option<Action>,
}

impl Letter {
    /// How it stands.
    pub fn state(&self) -> State {
        self.last.as_ref().map_or(State::Waiting, |action| action.step.state())
    }
}

/// A page of the list of letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterPage {
    /// The letters, in the order of the list.
    pub letters: Vec<Letter>,
    /// The rows between them that cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// The position of the last row of this page.
    pub last: Option<LetterCursor>,
    /// Whether rows follow behind [`last`](Self::last).
    pub more: bool,
}

impl LetterPage {
    /// The cursor of the next page, if there is one.
    pub fn next(&self) -> Option<LetterCursor> {
        self.last.filter(|_| self.more)
    }
}

/// A row of a table, read as one of its values; or why it is none.
struct Read<T>(Result<T, String>);

/// A letter and its last step.
struct Listed {
    position: Option<LetterCursor>,
    letter: Result<Letter, Unreadable>,
}

impl<'r, R: Row + RawRow, T: TableRow> FromRow<'r, R> for Read<T> {
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        Ok(Self(T::from_columns(|column, kind| row.raw(column, kind))))
    }
}

impl<'r, R: Row + RawRow> FromRow<'r, R> for Listed {
    /// The columns of the letter, then those of the step, which are empty if there is none.
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let of_kind = |kind| {
            let column = DeadLetter::COLUMNS.iter().position(|column| column.kind == kind)?;
            row.raw(column, kind).ok()
        };
        let id = of_kind(ColumnKind::Id).and_then(uuid);
        let at = of_kind(ColumnKind::Time).and_then(time);
        let position = id.zip(at).map(|(id, created_at)| Cursor { created_at, id: id.into() });
        let read = || {
            let letter = DeadLetter::from_columns(|column, kind| row.raw(column, kind))?;
            let behind = DeadLetter::COLUMNS.len();
            let last = match row.raw(behind, ColumnKind::Id) {
                Ok(Raw::Null) => None,
                _ => Some(Action::from_columns(|column, kind| row.raw(behind + column, kind))?),
            };
            Ok(Letter { letter, last })
        };
        let unreadable = |reason| Unreadable { id: id.map(Into::into), reason };
        Ok(Self { position: position.map(LetterCursor), letter: read().map_err(unreadable) })
    }
}

pub(super) async fn page(
    database: &Database,
    filter: &LetterFilter,
    before: Option<LetterCursor>,
    limit: u16,
) -> Result<LetterPage, Error> {
    let sql = database.dialect().list_letters(filter, before, u32::from(limit) + 1);
    let mut rows = database.run::<Listed>(Access::Read, sql).await?;
    let full = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let last = rows.iter().rev().find_map(|row| row.position);
    let mut page = LetterPage { last, more: full && last.is_some(), ..LetterPage::default() };
    for row in rows {
        match row.letter {
            Ok(letter) => page.letters.push(letter),
            Err(wrong) => page.unreadable.push(wrong),
        }
    }
    Ok(page)
}

pub(super) async fn find(
    database: &Database,
    id: LetterId,
) -> Result<Option<(DeadLetter, Vec<Action>)>, Error> {
    let sql = database.dialect().letter(id);
    let rows = database.run::<Read<DeadLetter>>(Access::Read, sql).await?;
    let Some(Read(letter)) = rows.into_iter().next() else { return Ok(None) };
    let letter = letter.map_err(unreadable)?;
    let sql = database.dialect().history(id);
    let actions = database.run::<Read<Action>>(Access::Read, sql).await?;
    let actions = actions.into_iter().map(|Read(action)| action.map_err(unreadable));
    Ok(Some((letter, actions.collect::<Result<_, _>>()?)))
}

/// These letters, whole, each with its steps; in the order of the ids, and without those that are not
/// there.
pub(super) async fn find_all(
    database: &Database,
    ids: &[LetterId],
) -> Result<Vec<(DeadLetter, Vec<Action>)>, Error> {
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(TOGETHER) {
        let sql = database.dialect().letters(some);
        for Read(letter) in database.run::<Read<DeadLetter>>(Access::Read, sql).await? {
            let letter = letter.map_err(unreadable)?;
            found.insert(letter.id, (letter, Vec::new()));
        }
        let sql = database.dialect().histories(some);
        for Read(action) in database.run::<Read<Action>>(Access::Read, sql).await? {
            let action = action.map_err(unreadable)?;
            if let Some((_, actions)) = found.get_mut(&action.letter) {
                actions.push(action);
            }
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The letters of a batch, in its order.
pub(super) async fn batch(database: &Database, batch: BatchId) -> Result<Vec<LetterId>, Error> {
    let rows = database.run::<(Uuid,)>(Access::Read, database.dialect().batch(batch)).await?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// The step with this number.
pub(super) async fn step(
    database: &Database,
    letter: LetterId,
    number: u32,
) -> Result<Option<Action>, Error> {
    let sql = database.dialect().step(letter, number);
    let rows = database.run::<Read<Action>>(Access::Read, sql).await?;
    rows.into_iter().next().map(|Read(action)| action.map_err(unreadable)).transpose()
}

/// Which of these letters are kept: when each was set aside, and how it stands.
pub(crate) async fn kept(
    database: &Database,
    ids: impl Iterator<Item = LetterId>,
) -> Result<HashMap<LetterId, (CreatedAt, State)>, Error> {
    let sql = database.dialect().kept(ids);
    let rows = database.run::<(Uuid, i64, Option<String>)>(Access::Read, sql).await?;
    let read = |(id, at, step): (Uuid, i64, Option<String>)| {
        let at = CreatedAt::from_micros(at).ok_or("a time that no calendar has")?;
        let step = step.map(|word| Step::parse(&word)).transpose()?;
        Ok((id.into(), (at, step.map_or(State::Waiting, Step::state))))
    };
    rows.into_iter().map(|row| read(row).map_err(unreadable)).collect()
}

fn unreadable(reason: String) -> Error {
    Error::Schema(format!("a row that cannot be read: {reason}"))
}

pub(super) async fn deaths(
    database: &Database,
    replays: &[ActionId],
) -> Result<Vec<(ActionId, LetterId)>, Error> {
    let mut deaths = Vec::new();
    for some in replays.chunks(usize::from(DeadLetter::BATCH)) {
        let sql = database.dialect().deaths(some);
        let rows = database.run::<(Uuid, Uuid)>(Access::Read, sql).await?;
        deaths.extend(rows.into_iter().map(|(replay, id)| (replay.into(), id.into())));
    }
    Ok(deaths)
}

/// What the database gives for one group.
type GroupRow = (String, String, i64, i64, i64, i64, Uuid);

pub(super) async fn groups(
    database: &Database,
    filter: &LetterFilter,
) -> Result<Vec<LetterGroup>, Error> {
    let sql = database.dialect().letter_groups(filter);
    let rows = database.run::<GroupRow>(Access::Read, sql).await?;
    let group = |(group, role, count, open, first, last, example): GroupRow| {
        let time = |micros| CreatedAt::from_micros(micros);
        Some(LetterGroup {
            group,
            role,
            count: count.unsigned_abs(),
            open: open.unsigned_abs(),
            first_at: time(first)?,
            last_at: time(last)?,
            example: example.into(),
        })
    };
    Ok(rows.into_iter().filter_map(group).collect())
}
