//! What can go wrong, and what is done about it. `mysql/errors.rs` and `sqlite/errors.rs` tell what
//! each code of their database means.

use sqlx::error::DatabaseError;

/// The database could not do it. Nothing is wrong with the missions: the caller keeps them and tries
/// again later. What was sent may be committed nevertheless; trying again is safe, because the first
/// row is kept. No text holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer in time, no connection, a full disk, a read-only server, too many connections.
    /// Retried: it heals when the database does.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The tables are missing or older than this program. Retried: it heals when somebody migrates.
    #[error("the database's schema does not fit: {0}")]
    Schema(String),
    /// Access denied, unknown database, no TLS where it is required, a file that cannot be opened.
    /// Retried, because somebody may repair it, but a person has to look at it.
    #[error("the database cannot be used: {0}")]
    Configuration(String),
}

/// The database refused this one mission (a value that is too long, a violated CHECK, a trigger, a
/// row larger than the server takes, a stored row that cannot be read). The same mission would be
/// refused again, so it is never retried.
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
    /// The values of some row, or the size of the statement, are refused; nothing was inserted.
    Refused(String),
    /// It lost to a rival: the same statement may succeed when it is repeated.
    Again(String),
    /// The connection broke under the statement. It may be committed or not.
    Broken(String),
    /// The server does not write any more, as after a failover.
    ReadOnly(String),
    /// The file cannot be opened.
    CannotOpen(String),
    /// An error that this program does not know. It may be about a row or about the database.
    Unknown(String),
    /// Nothing more can be done here.
    Error(Error),
}

impl Failure {
    /// How often a statement that failed like this is repeated.
    pub(crate) fn repeats(&self) -> u32 {
        match self {
            Self::Again(_) => 5,
            Self::Broken(_) => 2,
            Self::ReadOnly(_) => 1, // on a new connection, which may lead to the new primary
            _ => 0,
        }
    }

    /// The same failure when no connection was had: it says nothing about the statement.
    pub(crate) fn while_connecting(self) -> Self {
        match self {
            Self::Broken(detail) => Self::Again(detail),
            Self::Refused(detail) | Self::Unknown(detail) => Error::Unavailable(detail).into(),
            other => other,
        }
    }
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
            Failure::Again(detail)
            | Failure::Broken(detail)
            | Failure::ReadOnly(detail)
            | Failure::Unknown(detail) => Self::Unavailable(detail),
            Failure::CannotOpen(detail) => Self::Configuration(detail),
            Failure::Refused(detail) => Self::Schema(detail),
            Failure::Duplicate => Self::Schema("a key exists twice".to_owned()),
        }
    }
}

/// Sorts an error of sqlx. `judge` sorts what the database itself said.
pub(crate) fn failure(error: sqlx::Error, judge: fn(&dyn DatabaseError) -> Failure) -> Failure {
    let detail = error.to_string();
    match error {
        sqlx::Error::Database(error) => judge(error.as_ref()),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            Failure::Broken(detail)
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
            Error::Schema(format!("an answer that cannot be read: {detail}")).into()
        }
        _ => Error::Unavailable(detail).into(),
    }
}
