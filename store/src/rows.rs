//! A row as it is read from the table.

use schemas::columns::{ColumnKind, Raw, TableRow};
use schemas::{CreatedAt, Mission, MissionId};
use sqlx::{ColumnIndex, Decode, FromRow, Row};
use uuid::Uuid;

use crate::cursor::Cursor;
use crate::unreadable::Unreadable;

/// A row of the table, read the same way from both databases.
pub(crate) struct Stored {
    /// Its position in the list, if that can be read.
    pub(crate) position: Option<Cursor>,
    /// The mission, or why it is none.
    pub(crate) mission: Result<Mission, Unreadable>,
}

impl From<Mission> for Stored {
    fn from(mission: Mission) -> Self {
        Self { position: Some(Cursor::from(&mission)), mission: Ok(mission) }
    }
}

impl<'r, R: Row + RawRow> FromRow<'r, R> for Stored {
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let of_kind = |kind| {
            let column = Mission::COLUMNS.iter().position(|column| column.kind == kind)?;
            row.raw(column, kind).ok()
        };
        let id = of_kind(ColumnKind::Id).and_then(id);
        let created_at = of_kind(ColumnKind::Time).and_then(time);
        let position = id.zip(created_at).map(|(id, created_at)| Cursor { created_at, id });
        let mission = Mission::from_columns(|column, kind| row.raw(column, kind));
        Ok(Self { position, mission: mission.map_err(|reason| Unreadable { id, reason }) })
    }
}

/// A row of either database.
pub(crate) trait RawRow {
    /// What the database gives for a column. Unchecked: the types are those of our own migrations,
    /// and a value that does not decode is still told.
    fn raw(&self, column: usize, kind: ColumnKind) -> Result<Raw<'_>, String>;
}

impl<R: Row> RawRow for R
where
    usize: ColumnIndex<R>,
    for<'r> &'r [u8]: Decode<'r, R::Database>,
    for<'r> &'r str: Decode<'r, R::Database>,
    for<'r> i64: Decode<'r, R::Database>,
{
    fn raw(&self, column: usize, kind: ColumnKind) -> Result<Raw<'_>, String> {
        let raw = match kind {
            ColumnKind::Id | ColumnKind::Bytes => {
                self.try_get_unchecked::<Option<&[u8]>, _>(column).map(|raw| raw.map(Raw::Bytes))
            }
            ColumnKind::Plain | ColumnKind::Text => {
                self.try_get_unchecked::<Option<&str>, _>(column).map(|raw| raw.map(Raw::Text))
            }
            ColumnKind::Time | ColumnKind::Whole => {
                self.try_get_unchecked::<Option<i64>, _>(column).map(|raw| raw.map(Raw::Whole))
            }
        };
        Ok(raw.map_err(|error| error.to_string())?.unwrap_or(Raw::Null))
    }
}

/// The id in a column.
pub(crate) fn uuid(raw: Raw<'_>) -> Option<Uuid> {
    let Raw::Bytes(bytes) = raw else { return None };
    Uuid::from_slice(bytes).ok()
}

fn id(raw: Raw<'_>) -> Option<MissionId> {
    uuid(raw).map(MissionId::from)
}

/// The time in a column.
pub(crate) fn time(raw: Raw<'_>) -> Option<CreatedAt> {
    let Raw::Whole(micros) = raw else { return None };
    CreatedAt::from_micros(micros)
}
