//! Times for people and for form fields, always in UTC.

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

/// A time in a sentence.
pub(super) fn long(at: CreatedAt) -> String {
    written(at, LONG)
}

/// A time in a table whose head says "UTC".
pub(super) fn short(at: CreatedAt) -> String {
    written(at, SHORT)
}

/// A time in a form field of the type `datetime-local`.
pub(super) fn field(at: CreatedAt) -> String {
    written(at, FIELD)
}

fn written(at: CreatedAt, format: StaticFormatDescription) -> String {
    at.utc().format(format).unwrap_or_else(|_| at.to_string())
}
