//! What a response shows, and in which format: the formats that a client accepts, problems, and the
//! data of a page.

mod format;
mod list;
mod refusal;

use serde::Serialize;

pub(crate) use format::{Accept, Format};
pub(crate) use list::Listed;
pub(crate) use refusal::{RETRY_AFTER, Refusal, database_away, readable};

/// One line of JSON, with a newline for terminals.
pub(crate) fn json(what: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(what).unwrap_or_default(); // our own types cannot fail
    bytes.push(b'\n');
    bytes
}
