//! Times, as people and form fields want them: always UTC.

use schemas::CreatedAt;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

const LONG: StaticFormatDescription = format_description!(
    version = 2,
    "[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC"
);
const SHORT: StaticFormatDescription =
    format_description!(version = 2, "[year]-[month]-[day] [hour]:[minute]:[second]");
const FIELD: StaticFormatDescription =
    format_description!(version = 2, "[year]-[month]-[day]T[hour]:[minute]:[second]");

/// In a sentence.
pub(super) fn long(at: CreatedAt) -> String {
    written(at, LONG)
}

/// In a table, with "UTC" at its head.
pub(super) fn short(at: CreatedAt) -> String {
    written(at, SHORT)
}

/// In a form field of the type `datetime-local`.
pub(super) fn field(at: CreatedAt) -> String {
    written(at, FIELD)
}

fn written(at: CreatedAt, format: StaticFormatDescription) -> String {
    at.utc().format(format).unwrap_or_else(|_| at.to_string())
}
