//! How statements are written for SQLite, and how its file is opened.

use std::path::Path;
use std::time::Duration;

use schemas::Mission;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlitePool};

use crate::deadline::ACQUIRE;
use crate::sql::Dialect;

/// How the statements are written.
pub(crate) const DIALECT: Dialect = Dialect {
    system: "sqlite",
    micros: "{}",
    hex_text: ("CAST(X'", "' AS TEXT)"),
    time: |at| at.micros().to_string(),
};

pub(super) fn pool(connections: u32, options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// Readers do not wait for the writer. They never write, and leave the journal's mode alone.
pub(super) fn reading(file: &Path) -> SqliteConnectOptions {
    opening(file).pragma("query_only", "ON")
}

/// A copy that nobody writes to, in a folder where SQLite cannot make the files that it needs for
/// reading beside a writer.
pub(super) fn reading_copy(file: &Path) -> SqliteConnectOptions {
    opening(file).read_only(true).immutable(true)
}

/// SQLite writes one statement at a time.
pub(super) fn writing(file: &Path) -> SqliteConnectOptions {
    opening(file)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is on the disk before it is answered.
        .synchronous(SqliteSynchronous::Full)
        // 16 MiB of log between two checkpoints: up to a third more rows a second than with 4.
        .pragma("wal_autocheckpoint", "4000")
}

/// Only a migration makes the file: one that was deleted does not come back empty.
fn opening(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        // Another process may be writing; it gives up before our own deadline does.
        .busy_timeout(Duration::from_secs(2))
        // Rows come from SQLite's thread; one hand-over for a whole look-up instead of many.
        .row_buffer_size(Mission::BATCH.into())
        .disable_statement_logging()
}
