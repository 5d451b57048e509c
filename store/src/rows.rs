//! A mission as it is read from the table.

use schemas::{ColumnKind, Mission, Raw};
use sqlx::{ColumnIndex, Database, Decode, FromRow, Row};

/// A row of the table, read the same way from both databases.
pub(crate) struct Stored(pub(crate) Mission);

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
    /// migrations, and what does not decode is still an error.
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
        Mission::from_columns(raw).map(Self).map_err(|wrong| sqlx::Error::Decode(wrong.into()))
    }
}
