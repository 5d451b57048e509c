//! SQLite: how the file is opened, and what its errors mean.

use std::path::Path;
use std::time::Duration;

use schemas::Mission;
use sqlx::error::DatabaseError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqlitePool};

use crate::ACQUIRE;
use crate::error::{Error, Failure};
use crate::sql::Dialect;

/// How the statements are written.
pub(crate) const DIALECT: Dialect = Dialect {
    micros: "{}",
    hex_text: ("CAST(X'", "' AS TEXT)"),
    time: |at| at.micros().to_string(),
};

/// SQLite writes one statement at a time; more writers would only wait on each other in the file.
pub(crate) fn writer(file: &Path) -> SqlitePool {
    pool(1, writing(file))
}

/// Readers do not wait for the writer. They never write, and leave the journal's mode alone.
pub(crate) fn readers(file: &Path) -> SqlitePool {
    pool(2, opening(file).pragma("query_only", "ON"))
}

fn pool(connections: u32, options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

fn opening(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        // Another process may be writing; it gives up before our own deadline does.
        .busy_timeout(Duration::from_secs(2))
        // Rows come from SQLite's thread; one hand-over for a whole look-up instead of many.
        .row_buffer_size(Mission::BATCH.into())
        .disable_statement_logging()
}

fn writing(file: &Path) -> SqliteConnectOptions {
    opening(file)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is on the disk before it is answered.
        .synchronous(SqliteSynchronous::Full)
        // 16 MiB of log between two checkpoints: up to a third more rows a second than with 4.
        .pragma("wal_autocheckpoint", "4000")
}

/// A connection of its own, for migrations; the file is made when it is missing.
pub(crate) async fn connect(file: &Path) -> Result<SqliteConnection, Failure> {
    let options = writing(file);
    let connecting = tokio::time::timeout(ACQUIRE, options.connect());
    connecting.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(failure)
}

pub(crate) fn failure(error: sqlx::Error) -> Failure {
    crate::error::failure(error, judge)
}

/// What is done about each result code, <https://sqlite.org/rescode.html>.
fn judge(error: &dyn DatabaseError) -> Failure {
    let detail = error.to_string();
    let extended = error.code().and_then(|code| code.parse::<u16>().ok()).unwrap_or_default();
    let unknown_words = ["no such table", "no such column", "has no column named"];
    match (extended & 0xff, extended) {
        // CONSTRAINT: PRIMARYKEY, UNIQUE; the primary key is the only unique key.
        (19, 1555 | 2067) => Failure::Duplicate,
        // CONSTRAINT: NOTNULL. We leave no column empty, so it is one that we do not know.
        (19, 1299) => Error::Schema(detail).into(),
        // CONSTRAINT: CHECK, TRIGGER, DATATYPE …; TOOBIG, MISMATCH.
        (18..=20, _) => Failure::Refused(detail),
        // BUSY, LOCKED: another process writes.
        (5 | 6, _) => Failure::Again(detail),
        // ERROR is also everything that the statement's text can be wrong about.
        (1, _) if unknown_words.iter().any(|words| detail.contains(words)) => {
            Error::Schema(detail).into()
        }
        // PERM, CANTOPEN, AUTH, NOTADB.
        (3 | 14 | 23 | 26, _) => Error::Configuration(detail).into(),
        // READONLY, IOERR, CORRUPT, FULL, NOMEM, and whatever we do not know.
        _ => Error::Unavailable(detail).into(),
    }
}
