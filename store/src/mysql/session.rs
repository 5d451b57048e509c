//! How statements are written for MySQL and MariaDB, and how a session is set up.

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{ConnectOptions, Row};

use crate::deadline::ACQUIRE;
use crate::sql::Dialect;

/// How the statements are written.
pub(crate) const DIALECT: Dialect = Dialect {
    system: "mysql",
    micros: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {})",
    hex_text: ("_utf8mb4 X'", "'"),
    time: |at| format!("TIMESTAMP'{}'", at.to_string().replace('T', " ").trim_end_matches('Z')),
};

/// Values that do not fit are errors, each statement commits by itself, and the server gives up
/// waiting for a lock before we give up waiting for the server.
const SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, \
    innodb_lock_wait_timeout = 2, lock_wait_timeout = 2; \
    SELECT @@SESSION.max_allowed_packet";

/// sqlx would log each slow statement with its whole text, and add its own words to `sql_mode`.
pub(super) fn options(options: MySqlConnectOptions) -> MySqlConnectOptions {
    options.pipes_as_concat(false).no_engine_substitution(false).disable_statement_logging()
}

/// Sets up a session. Returns the most bytes that the server takes in one statement.
pub(super) async fn set_up(connection: &mut MySqlConnection) -> Result<usize, sqlx::Error> {
    let rows = sqlx::raw_sql(SESSION).fetch_all(connection).await?;
    let most = rows.last().and_then(|row| row.try_get_unchecked::<u64, _>(0).ok());
    Ok(most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX))
}

/// A connection that no pool owns.
pub(super) async fn connect(options: &MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let connecting = tokio::time::timeout(ACQUIRE, options.connect());
    connecting.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
