//! One statement on one connection, under a deadline.

use std::pin::Pin;
use std::sync::Arc;

use sqlx::mysql::MySqlRow;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Executor, FromRow, Pool};

use crate::deadline::{QUERY, within};
use crate::error::{Error, Failure};

/// What can be read from the rows of either database.
pub(crate) trait Rows:
    for<'r> FromRow<'r, MySqlRow> + for<'r> FromRow<'r, SqliteRow> + Send + 'static
{
}

impl<T> Rows for T where
    T: for<'r> FromRow<'r, MySqlRow> + for<'r> FromRow<'r, SqliteRow> + Send + 'static
{
}

/// What [`acquire`] returns.
type Acquiring<'p, DB> =
    Pin<Box<dyn Future<Output = Result<PoolConnection<DB>, sqlx::Error>> + Send + 'p>>;

/// A connection of the pool. A caller who is dropped here leaves the queue. It is boxed, because
/// sqlx's future is nested so deep that the compiler would give up on those around it.
pub(crate) fn acquire<DB: sqlx::Database>(pool: &Pool<DB>) -> Acquiring<'_, DB> {
    Box::pin(pool.acquire())
}

/// Runs the statement in a task of its own, so that it ends even if the caller is dropped: a
/// connection in the middle of an answer never goes back into the pool.
pub(crate) async fn run<DB, T>(
    connection: PoolConnection<DB>,
    sql: Arc<String>,
    failure: fn(sqlx::Error) -> Failure,
) -> Result<Vec<T>, Failure>
where
    DB: sqlx::Database,
    T: for<'r> FromRow<'r, DB::Row> + Send + 'static,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let ended = tokio::spawn(once(connection, sql, failure)).await;
    ended.unwrap_or_else(|error| {
        Err(Error::Unavailable(format!("the statement was broken off: {error}")).into())
    })
}

async fn once<DB, T>(
    mut connection: PoolConnection<DB>,
    sql: Arc<String>,
    failure: fn(sqlx::Error) -> Failure,
) -> Result<Vec<T>, Failure>
where
    DB: sqlx::Database,
    T: for<'r> FromRow<'r, DB::Row>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let query = sqlx::raw_sql(AssertSqlSafe(sql));
    let answer = within(QUERY, query.fetch_all(&mut *connection)).await;
    // After a late or broken answer nobody knows what is still on its way over this connection.
    let known = matches!(answer, Ok(Ok(_) | Err(sqlx::Error::Database(_))));
    let rows = answer.map_err(Failure::from).and_then(|rows| rows.map_err(failure));
    if !known || matches!(rows, Err(Failure::ReadOnly(_))) {
        connection.close_on_drop();
    }
    rows?.iter().map(|row| T::from_row(row).map_err(failure)).collect()
}
