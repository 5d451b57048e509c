//! What the errors of MySQL and MariaDB mean.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::{Error, Failure};

pub(super) fn failure(error: sqlx::Error) -> Failure {
    crate::error::failure(error, judge)
}

/// Whether the server says that there is no such database.
pub(super) fn is_unknown_database(error: &sqlx::Error) -> bool {
    error.as_database_error().map(number) == Some(UNKNOWN_DATABASE)
}

/// Whether the statement makes a table (1050), a column (1060) or an index (1061) that is there.
pub(super) fn is_made_already(error: &sqlx::Error) -> bool {
    matches!(error.as_database_error().map(number), Some(1050 | 1060 | 1061))
}

const UNKNOWN_DATABASE: u16 = 1049;

fn number(error: &dyn DatabaseError) -> u16 {
    let error = error.try_downcast_ref::<MySqlDatabaseError>();
    error.map(MySqlDatabaseError::number).unwrap_or_default()
}

/// What is done about each error of the server.
fn judge(error: &dyn DatabaseError) -> Failure {
    let detail = error.to_string();
    let state = error.code().unwrap_or_default();
    match number(error) {
        // The primary key is the only unique key.
        1062 | 1586 => Failure::Duplicate,
        // Lock wait timeout, deadlock, rows changed under the statement: it was rolled back.
        1205 | 1213 | 1020 => Failure::Again(detail),
        // Shutdown, killed query, killed connection, dropped for idling: another may do.
        1053 | 1317 | 1927 | 4031 => Failure::Again(detail),
        // Read-only server, transaction or engine; a cluster node that is not part of its cluster.
        1290 | 1792 | 1836 | 1047 => Failure::ReadOnly(detail),
        // Unknown column, wrong count, no such table; no value for a column that we do not know.
        1054 | 1136 | 1146 | 1048 | 1364 => Error::Schema(detail).into(),
        // Denied: database, login, host, table, column, privilege; the login's plugin; TLS wanted.
        1044 | 1045 | UNKNOWN_DATABASE | 1130 | 1142 | 1143 | 1227 | 1251 | 1524 | 1698 | 3159
        // Password expired; READ COMMITTED not possible as configured.
        | 1820 | 1862 | 1665 => Error::Configuration(detail).into(),
        // Larger than `max_allowed_packet`; a row longer than the engine takes.
        1153 | 1301 | 1118 => Failure::Refused(detail),
        // Bad text for the column's character set, CHECK: both without a class of their own on MySQL.
        1366 | 3819 => Failure::Refused(detail),
        number if is_about_the_server(number) => Error::Unavailable(detail).into(),
        // Data exceptions (too long, out of range), integrity (CHECK), a trigger's SIGNAL.
        _ if ["22", "23", "45"].iter().any(|class| state.starts_with(class)) => {
            Failure::Refused(detail)
        }
        // Connection errors.
        _ if state.starts_with("08") => Error::Unavailable(detail).into(),
        _ => Failure::Unknown(detail),
    }
}

/// Errors that any statement may meet on this server now.
fn is_about_the_server(number: u16) -> bool {
    matches!(
        number,
        // Files and locks of the engine, disk full, an error of the engine, no memory.
        1015..=1017 | 1021 | 1026 | 1028 | 1030 | 1034 | 1037 | 1038 | 1041 | 1114 | 3675
        // Too many connections, no thread, too many of one user; a proxy's own error.
        | 1040 | 1135 | 1203 | 1226 | 1105
        // Packets of the network, an error while committing, too many locks, a global read lock.
        | 1158..=1161 | 1180 | 1206 | 1223
        // The server's own deadline for a statement; a group that does not commit.
        | 1969 | 3024 | 3100 | 3101
    )
}
