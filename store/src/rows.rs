//! A row as it is read from the table.

use schemas::columns::{self, ColumnKind, Raw};
use schemas::{CreatedAt, Mission, MissionId};
use sqlx::{ColumnIndex, Database, Decode, FromRow, Row};
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

impl<'r, R> FromRow<'r, R> for Stored
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database>,
    &'r str: Decode<'r, R::Database>,
    i64: Decode<'r, <R as Row>::Database>,
    <R as Row>::Database: Database,
{
    /// The columns are in the order of the SELECT. Unchecked: the types are those of our own
    /// migrations, and a value that does not decode is still told.
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let raw = |column: usize, kind| {
            let raw = match kind {
                ColumnKind::Id => row.try_get_unchecked(column).map(Raw::Bytes),
                ColumnKind::Plain | ColumnKind::Text => {
                    row.try_get_unchecked(column).map(Raw::Text)
                }
                ColumnKind::Time => row.try_get_unchecked(column).map(Raw::Micros),
            };
            raw.map_err(|error| error.to_string())
        };
        let of_kind = |kind| {
            let column = columns::ALL.iter().position(|column| column.kind == kind)?;
            raw(column, kind).ok()
        };
        let id = of_kind(ColumnKind::Id).and_then(id);
        let created_at = of_kind(ColumnKind::Time).and_then(time);
        let position = id.zip(created_at).map(|(id, created_at)| Cursor { created_at, id });
        let mission = columns::mission(raw).map_err(|reason| Unreadable { id, reason });
        Ok(Self { position, mission })
    }
}

fn id(raw: Raw<'_>) -> Option<MissionId> {
    let Raw::Bytes(bytes) = raw else { return None };
    Uuid::from_slice(bytes).ok().map(MissionId::from)
}

fn time(raw: Raw<'_>) -> Option<CreatedAt> {
    let Raw::Micros(micros) = raw else { return None };
    CreatedAt::from_micros(micros)
}
