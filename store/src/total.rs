//! How many missions there are, and in which casebooks, without a look at each.

use sqlx::{ColumnIndex, Decode, FromRow, Row};

use crate::database::{Access, Database};
use crate::error::Error;
use crate::filter::Filter;
use crate::list;

/// How many missions the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// They were counted.
    Exactly(u64),
    /// The server estimates it: it may be off by a half.
    About(u64),
    /// They were counted up to here, and there are more.
    MoreThan(u64),
}

impl Total {
    /// The same, or more if that many were seen: a count may be some seconds old.
    #[must_use]
    pub fn at_least(self, seen: u64) -> Self {
        match self {
            Self::Exactly(counted) => Self::Exactly(counted.max(seen)),
            Self::About(_) | Self::MoreThan(_) => self,
        }
    }
}

/// A count stops here: this many entries of an index are read in milliseconds.
const COUNTED: u64 = 50_000;

/// MySQL 9 would explain it as a tree. MariaDB takes the word in the middle for a comment.
const ESTIMATE: &str = "EXPLAIN /*!80000 FORMAT=TRADITIONAL */ SELECT id FROM missions";

/// Counts up to [`COUNTED`]; beyond that MySQL's optimizer estimates the number (`EXPLAIN`). The
/// estimate of `information_schema` is not used, because MySQL renews it only once a day.
pub(crate) async fn total(database: &Database) -> Result<Total, Error> {
    let counted = format!(
        "SELECT COUNT(*) FROM (SELECT id FROM missions ORDER BY created_at, id LIMIT {}) x",
        COUNTED + 1
    );
    let rows = database.run::<(i64,)>(Access::Read, counted).await?;
    let counted = rows.first().map_or(0, |(count,)| count.unsigned_abs());
    if counted <= COUNTED {
        return Ok(Total::Exactly(counted));
    }
    if !matches!(database, Database::MySql(_)) {
        return Ok(Total::MoreThan(COUNTED));
    }
    let rows = database.run::<Estimate>(Access::Read, ESTIMATE.to_owned());
    let estimate = rows.await?.first().map_or(0, |Estimate(rows)| *rows);
    Ok(if estimate > COUNTED { Total::About(estimate) } else { Total::MoreThan(COUNTED) })
}

/// The rows that a server expects to read.
struct Estimate(u64);

impl<'r, R> FromRow<'r, R> for Estimate
where
    R: Row,
    &'static str: ColumnIndex<R>,
    Option<i64>: Decode<'r, R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let rows = row.try_get_unchecked::<Option<i64>, _>("rows")?;
        Ok(Self(rows.unwrap_or_default().unsigned_abs()))
    }
}

/// A casebook, and how many of the newest missions are its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasebookCount {
    /// Its name, as it is stored.
    pub casebook: String,
    /// How many.
    pub missions: u64,
}

/// The casebooks of so many of the newest missions, the most frequent first, and at most `most` of
/// them.
pub(crate) async fn casebooks(
    database: &Database,
    newest: u32,
    most: u16,
) -> Result<Vec<CasebookCount>, Error> {
    let end = list::position(database, &Filter::default(), None, newest).await?;
    let sql = database.dialect().casebooks(end, most);
    let rows = database.run::<(String, i64)>(Access::Read, sql).await?;
    let count = |(casebook, missions): (String, i64)| CasebookCount {
        casebook,
        missions: missions.unsigned_abs(),
    };
    Ok(rows.into_iter().map(count).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_never_less_than_what_is_seen_beside_it() {
        assert_eq!(Total::Exactly(5).at_least(6), Total::Exactly(6));
        assert_eq!(Total::Exactly(7).at_least(6), Total::Exactly(7));
        assert_eq!(Total::About(60_000).at_least(6), Total::About(60_000));
    }
}
