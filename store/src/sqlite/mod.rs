//! SQLite.

mod errors;
mod file;
mod options;

pub(crate) use errors::failure;
pub(crate) use file::File;
pub(crate) use options::DIALECT;
