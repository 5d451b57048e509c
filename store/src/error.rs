//! What can go wrong, and what is done about it. Which code of which database means what is told in
//! `mysql.rs` and `sqlite.rs`.

use sqlx::error::DatabaseError;

/// The database could not do it. Nothing is wrong with the missions: whoever asked keeps them and
/// asks again later. What was sent may have been committed all the same; asking again is safe,
/// because the first row stands. No text holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer in time, no connection, a full disk, a read-only server, too many connections.
    /// Retried: it heals when the database does.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The tables are missing, older than this program, or hold what it cannot read. Retried: it
    /// heals when somebody migrates.
    #[error("the database's schema does not fit: {0}")]
    Schema(String),
    /// Access denied, unknown database, no TLS where it is asked for. Retried, since somebody may
    /// put the server right, but a person has to look at it.
    #[error("the database does not let us in: {0}")]
    Configuration(String),
}

/// The database refused this one mission's values (too long, a violated CHECK, a trigger): asking
/// again would be refused again, so it is never retried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the database refuses this mission: {reason}")]
pub struct Rejected {
    /// The database's own words.
    pub reason: String,
}

/// What became of one statement that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An id has a row already; nothing was inserted.
    Duplicate,
    /// Some row's values are refused; nothing was inserted.
    Refused(String),
    /// Lost to a rival or with its connection: the same again may well succeed.
    Again(String),
    /// Nothing more can be done here.
    Error(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Error(error) => error,
            Failure::Again(detail) => Self::Unavailable(detail),
            Failure::Refused(detail) => Self::Schema(detail),
            Failure::Duplicate => Self::Schema("a key exists twice".to_owned()),
        }
    }
}

/// Sorts an error of sqlx; what the database itself said is judged by the database's own table.
pub(crate) fn failure(error: sqlx::Error, judge: fn(&dyn DatabaseError) -> Failure) -> Failure {
    let detail = error.to_string();
    match error {
        sqlx::Error::Database(error) => judge(error.as_ref()),
        // The connection died under the statement, which may have been committed or not: the same
        // again on another connection is safe, a duplicate key tells.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Failure::Again(detail)
        }
        sqlx::Error::PoolTimedOut => {
            Error::Unavailable("no connection within 2 seconds".to_owned()).into()
        }
        sqlx::Error::PoolClosed => Error::Unavailable("this store is closed".to_owned()).into(),
        sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => Error::Configuration(detail).into(),
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            Error::Schema(format!("a row that cannot be read: {detail}")).into()
        }
        _ => Error::Unavailable(detail).into(),
    }
}
