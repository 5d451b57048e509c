//! Deleting old missions, in statements that lock a few rows for a moment.

use schemas::{CreatedAt, MissionId};
use uuid::Uuid;

use crate::database::{Access, Database};
use crate::error::Error;

/// A count stops here.
const MOST: u32 = 1_000_000;

pub(crate) async fn prune(
    database: &Database,
    before: CreatedAt,
    limit: u16,
) -> Result<usize, Error> {
    let sql = database.dialect().oldest(before, limit.into());
    let rows = database.run::<(Uuid,)>(Access::Read, sql).await?;
    let ids: Vec<_> = rows.into_iter().map(|(id,)| MissionId::from(id)).collect();
    if !ids.is_empty() {
        database.run::<()>(Access::Write, database.dialect().delete_missions(&ids)).await?;
    }
    Ok(ids.len())
}

pub(crate) async fn count(database: &Database, before: CreatedAt) -> Result<u64, Error> {
    let oldest = database.dialect().oldest(before, MOST);
    let sql = format!("SELECT COUNT(*) FROM ({oldest}) x");
    let rows = database.run::<(i64,)>(Access::Read, sql).await?;
    Ok(rows.first().map_or(0, |(count,)| count.unsigned_abs()))
}
