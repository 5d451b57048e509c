//! Deleting old letters, in statements that lock a few rows for a moment.

use schemas::columns::TableRow;
use schemas::{Action, DeadLetter, LetterId};
use uuid::Uuid;

use super::filter::LetterFilter;
use crate::database::{Access, Database};
use crate::error::Error;

/// The letters go before their steps: a letter without its steps would look as if nobody had done
/// anything about it. Steps that are left behind, because the process died between, go with the next
/// call.
pub(super) async fn prune(
    database: &Database,
    filter: &LetterFilter,
    limit: u16,
) -> Result<usize, Error> {
    let letters = ids(database, database.dialect().oldest_letters(filter, limit)).await?;
    if !letters.is_empty() {
        let sql = database.dialect().delete(DeadLetter::NAME, "id", &letters);
        database.run::<()>(Access::Write, sql).await?;
        let sql = database.dialect().delete(Action::NAME, "letter", &letters);
        database.run::<()>(Access::Write, sql).await?;
    }
    // They are looked for once, after the last letters: the look passes every old step.
    if letters.len() < usize::from(limit)
        && let Some(until) = filter.until
    {
        let orphans = ids(database, database.dialect().orphans(until, limit)).await?;
        if !orphans.is_empty() {
            let sql = database.dialect().delete(Action::NAME, "letter", &orphans);
            database.run::<()>(Access::Write, sql).await?;
        }
    }
    Ok(letters.len())
}

async fn ids(database: &Database, sql: String) -> Result<Vec<LetterId>, Error> {
    let rows = database.run::<(Uuid,)>(Access::Read, sql).await?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}
