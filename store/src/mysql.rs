//! MySQL and MariaDB: how a session is set up, and what their errors mean.

use std::io;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlPoolOptions};
use sqlx::pool::PoolConnectionMetadata;
use sqlx::{ConnectOptions, Connection, Executor, MySqlPool};

use crate::error::{Error, Failure};
use crate::sql::Dialect;
use crate::{ACQUIRE, within};

/// How the statements are written.
pub(crate) const DIALECT: Dialect = Dialect {
    micros: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {})",
    hex_text: ("_utf8mb4 X'", "'"),
    time: |at| format!("TIMESTAMP'{}'", at.to_string().replace('T', " ").trim_end_matches('Z')),
};

/// Enough for one persister's statements and one gateway's look-ups; a server allows 151.
const CONNECTIONS: u32 = 8;
/// A connection that was in use a moment ago is taken as it is: a ping for each statement would
/// cost a round trip. One that rested longer may be dead without anybody having noticed.
const RESTED: Duration = Duration::from_secs(1);
/// A half-open connection never answers; the rest of the time to acquire is for another one.
const PING: Duration = Duration::from_millis(500);
/// Connections are renewed, so that they follow a database that has moved.
const LIFETIME: Duration = Duration::from_secs(600);

/// Values that do not fit are errors, each statement commits by itself, and the server gives up
/// waiting for a lock before we give up waiting for the server.
const SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, \
    innodb_lock_wait_timeout = 2, lock_wait_timeout = 2";

/// sqlx would log each slow statement with its whole text, and add its own words to `sql_mode`.
pub(crate) fn options(options: MySqlConnectOptions) -> MySqlConnectOptions {
    options.pipes_as_concat(false).no_engine_substitution(false).disable_statement_logging()
}

/// The pool, not yet connected. No time limits of sqlx's own: those need a runtime to start in.
pub(crate) fn pool(options: MySqlConnectOptions) -> MySqlPool {
    MySqlPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .before_acquire(|connection, past| Box::pin(still_good(connection, past)))
        .after_connect(|connection, _| Box::pin(set_up(connection)))
        .connect_lazy_with(options)
}

async fn still_good(
    connection: &mut MySqlConnection,
    past: PoolConnectionMetadata,
) -> Result<bool, sqlx::Error> {
    if past.idle_for > RESTED && past.age < LIFETIME {
        let silent = || sqlx::Error::Io(io::ErrorKind::TimedOut.into());
        tokio::time::timeout(PING, connection.ping()).await.unwrap_or_else(|_| Err(silent()))?;
    }
    Ok(past.age < LIFETIME)
}

async fn set_up(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    connection.execute(SESSION).await.map(drop)
}

/// A connection of its own, for migrations; the database is made when it is missing and it may be.
pub(crate) async fn connect(
    options: &MySqlConnectOptions,
    database: &str,
) -> Result<MySqlConnection, Failure> {
    let mut connection = match connect_to(options).await {
        Err(error) if is_unknown_database(&error) => {
            let server = options.clone().database("");
            let mut connection = connect_to(&server).await.map_err(failure)?;
            // An address takes no name that could leave its quotes.
            let create =
                format!("CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4");
            connection.execute(sqlx::AssertSqlSafe(create)).await.map_err(failure)?;
            connect_to(options).await.map_err(failure)?
        }
        other => other.map_err(failure)?,
    };
    set_up(&mut connection).await.map_err(failure)?;
    Ok(connection)
}

async fn connect_to(options: &MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let connecting = tokio::time::timeout(ACQUIRE, options.connect());
    connecting.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// One migrates at a time. sqlx's own lock waits for `-1` seconds, which MariaDB answers with NULL
/// and no lock at all. The lock ends with the connection.
pub(crate) async fn lock_migrations(connection: &mut MySqlConnection) -> Result<(), Failure> {
    let lock = sqlx::query_scalar::<_, Option<i64>>(
        "SELECT GET_LOCK(CONCAT('migrate ', LEFT(SHA2(DATABASE(), 256), 32)), 60)",
    );
    match within(Duration::from_secs(65), lock.fetch_one(connection)).await? {
        Ok(Some(1)) => Ok(()),
        Ok(_) => Err(Failure::Again("somebody else has been migrating for a minute".to_owned())),
        Err(error) => Err(failure(error)),
    }
}

pub(crate) fn failure(error: sqlx::Error) -> Failure {
    crate::error::failure(error, judge)
}

fn is_unknown_database(error: &sqlx::Error) -> bool {
    let number = error.as_database_error().and_then(number);
    number == Some(UNKNOWN_DATABASE)
}

const UNKNOWN_DATABASE: u16 = 1049;

fn number(error: &dyn DatabaseError) -> Option<u16> {
    error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

/// What is done about each error of the server.
fn judge(error: &dyn DatabaseError) -> Failure {
    let detail = error.to_string();
    let class =
        error.code().and_then(|state| state.get(..2).map(str::to_owned)).unwrap_or_default();
    match number(error).unwrap_or_default() {
        // The primary key is the only unique key.
        1062 | 1586 => Failure::Duplicate,
        // Lock wait timeout, deadlock, rows changed under the statement: it was rolled back.
        1205 | 1213 | 1020 => Failure::Again(detail),
        // Shutdown, killed query, killed connection, dropped for idling: another may do.
        1053 | 1317 | 1927 | 4031 => Failure::Again(detail),
        // Unknown column, wrong count, no such table; no value for a column that we do not know.
        1054 | 1136 | 1146 | 1048 | 1364 => Error::Schema(detail).into(),
        // Denied: database, login, host, table, column, privilege; the login's plugin; TLS wanted.
        1044 | 1045 | UNKNOWN_DATABASE | 1130 | 1142 | 1143 | 1227 | 1251 | 1524 | 1698 | 3159
        // Password expired; statement too large, or READ COMMITTED not possible, as configured.
        | 1820 | 1862 | 1153 | 1665 => Error::Configuration(detail).into(),
        // Bad text for the column's character set, CHECK: both without a class of their own on MySQL.
        1366 | 3819 => Failure::Refused(detail),
        // Data exceptions (too long, out of range), integrity (CHECK), a trigger's SIGNAL.
        _ if matches!(class.as_str(), "22" | "23" | "45") => Failure::Refused(detail),
        // Read-only (1290, 1792, 1836), disk full (1021, 1114, 3675), too many connections (1040,
        // 1203, 1226), and whatever we do not know: waiting loses nothing, rejecting might.
        _ => Error::Unavailable(detail).into(),
    }
}
