//! A mission as it is read from the table.

use schemas::{CreatedAt, Mission};
use sqlx::{ColumnIndex, Database, Decode, FromRow, Row};
use uuid::Uuid;

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
        let text = |column: usize| row.try_get_unchecked::<&str, _>(column);
        let id = Uuid::from_slice(row.try_get_unchecked::<&[u8], _>(0)?).map_err(wrong)?;
        let micros = row.try_get_unchecked::<i64, _>(5)?;
        Ok(Self(Mission {
            id: id.into(),
            dossier: text(1)?.parse().map_err(wrong)?,
            objective: text(2)?.parse().map_err(wrong)?,
            target: text(3)?.parse().map_err(wrong)?,
            casebook: text(4)?.parse().map_err(wrong)?,
            created_at: CreatedAt::from_micros(micros)
                .ok_or_else(|| wrong("created_at is beyond the calendar"))?,
        }))
    }
}

fn wrong(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
