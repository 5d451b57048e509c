//! What a response shows, and in which format: the formats that a client accepts, problems, and the
//! data of a page.

mod format;
mod json;
mod list;
mod refusal;

pub(crate) use format::{Accept, Format};
pub(crate) use json::json;
pub(crate) use list::{Links, Listed};
pub(crate) use refusal::{RETRY_AFTER, Refusal, database_away, readable};
