//! What the result codes of SQLite mean.

use sqlx::error::DatabaseError;

use crate::error::{Error, Failure};

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
        (1, _) => Failure::Unknown(detail),
        (8, _) => Failure::ReadOnly(detail),
        (14, _) => Failure::CannotOpen(detail),
        // PERM, AUTH, NOTADB.
        (3 | 23 | 26, _) => Error::Configuration(detail).into(),
        // IOERR, CORRUPT, FULL, NOMEM, and whatever we do not know.
        _ => Error::Unavailable(detail).into(),
    }
}
