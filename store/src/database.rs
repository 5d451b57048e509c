//! One statement, on whichever database: under a deadline, repeated when that helps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::RngExt;
use schemas::Mission;
use sqlx::mysql::{MySqlConnectOptions, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Executor, FromRow, MySqlPool, Pool, SqlitePool};

use crate::address::{Address, Place};
use crate::error::{Error, Failure};
use crate::rows::Stored;
use crate::sql::Dialect;
use crate::{QUERY, ended, mysql, sqlite, within};

/// A statement that lost to a rival, or its connection, is repeated this often, and only as long as
/// [`QUERY`] is not over: waiting for a lock takes 2 seconds each time.
const REPEATS: u32 = 5;

/// Whether a statement changes the table: SQLite has one connection for those.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The pools of one database.
pub(crate) enum Database {
    MySql { pool: MySqlPool, options: Box<MySqlConnectOptions>, name: String },
    Sqlite { writer: SqlitePool, readers: SqlitePool, file: PathBuf },
}

/// What can be read from the rows of either database.
pub(crate) trait Rows:
    for<'r> FromRow<'r, MySqlRow> + for<'r> FromRow<'r, SqliteRow> + Send + 'static
{
}

impl<T> Rows for T where
    T: for<'r> FromRow<'r, MySqlRow> + for<'r> FromRow<'r, SqliteRow> + Send + 'static
{
}

impl Database {
    pub(crate) fn new(address: &Address) -> Self {
        match &address.0 {
            Place::MySql { options, database } => {
                let options = Box::new(mysql::options(options.as_ref().clone()));
                Self::MySql {
                    pool: mysql::pool(options.as_ref().clone()),
                    options,
                    name: database.clone(),
                }
            }
            Place::Sqlite(file) => Self::Sqlite {
                writer: sqlite::writer(file),
                readers: sqlite::readers(file),
                file: file.clone(),
            },
        }
    }

    pub(crate) fn dialect(&self) -> &'static Dialect {
        match self {
            Self::MySql { .. } => &mysql::DIALECT,
            Self::Sqlite { .. } => &sqlite::DIALECT,
        }
    }

    /// The missions that this statement selects.
    pub(crate) async fn missions(&self, sql: String) -> Result<Vec<Mission>, Error> {
        let rows = self.run::<Stored>(Access::Read, sql).await?;
        Ok(rows.into_iter().map(|Stored(mission)| mission).collect())
    }

    /// Runs one statement, which commits by itself, and repeats it when it lost to a rival or with
    /// its connection.
    pub(crate) async fn run<T: Rows>(
        &self,
        access: Access,
        sql: String,
    ) -> Result<Vec<T>, Failure> {
        let (sql, begun) = (Arc::new(sql), Instant::now());
        let mut repeats = 0;
        loop {
            let result = match (self, access) {
                (Self::MySql { pool, .. }, _) => once(pool, &sql, mysql::failure).await,
                (Self::Sqlite { writer, .. }, Access::Write) => {
                    once(writer, &sql, sqlite::failure).await
                }
                (Self::Sqlite { readers, .. }, Access::Read) => {
                    once(readers, &sql, sqlite::failure).await
                }
            };
            match result {
                Err(Failure::Again(_)) if repeats < REPEATS && begun.elapsed() < QUERY => {
                    repeats += 1
                }
                other => return other,
            }
            pause(repeats).await;
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::MySql { pool, .. } => pool.close().await,
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await; // the last one to close writes the log into the file
            }
        }
    }
}

/// Rivals must not meet again at the same moment.
pub(crate) async fn pause(repeats: u32) {
    let most = 20 * u64::from(repeats);
    let millis = rand::rng().random_range(0..=most);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Runs one statement once. A caller that goes away while it waits for a connection leaves the queue;
/// once it has one, the statement runs to its end in a task of its own, because a connection in the
/// middle of an answer must not go back into the pool.
async fn once<DB, T>(
    pool: &Pool<DB>,
    sql: &Arc<String>,
    failure: fn(sqlx::Error) -> Failure,
) -> Result<Vec<T>, Failure>
where
    DB: sqlx::Database,
    T: for<'r> FromRow<'r, DB::Row> + Send + 'static,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let connection = pool.acquire().await.map_err(failure)?;
    ended(tokio::spawn(on(connection, Arc::clone(sql), failure)).await)
}

/// Runs one statement on this connection.
async fn on<DB, T>(
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
    if !matches!(answer, Ok(Ok(_) | Err(sqlx::Error::Database(_)))) {
        // Nobody knows what is still on its way over this connection: it must not be used again.
        connection.close_on_drop();
    }
    let rows = answer?.map_err(failure)?;
    rows.iter().map(|row| T::from_row(row).map_err(failure)).collect()
}

#[cfg(test)]
mod tests {
    use schemas::MissionId;

    use super::*;
    use crate::{Address, Store};

    #[tokio::test]
    async fn a_read_whose_caller_hangs_up_leaves_the_queue_for_a_connection() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("missions.db");
        let address: Address = format!("sqlite:{}", file.display()).parse().unwrap();
        let store = Store::new(&address);
        store.migrate().await.unwrap();
        let Database::Sqlite { readers, .. } = &*store.database else { panic!("not SQLite") };
        let busy = [readers.acquire().await.unwrap(), readers.acquire().await.unwrap()];
        let id = MissionId::from(uuid::Uuid::from_u128(1));
        let reading = store.find(std::slice::from_ref(&id));
        let hung_up = tokio::time::timeout(Duration::from_millis(20), reading).await;
        assert!(hung_up.is_err(), "it waits for a connection");
        assert_eq!(Arc::strong_count(&store.database), 1, "nobody waits for it any more");
        drop(busy);
        assert_eq!(store.find(&[id]).await, Ok(Vec::new()));
    }
}
