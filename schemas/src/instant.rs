//! How an instant is written.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

/// RFC 3339, always with six digits, so that texts sort in the order of their times.
const MICROSECONDS: StaticFormatDescription = format_description!(
    version = 2,
    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);

/// Writes the instant.
///
/// # Errors
/// It has no RFC 3339 form, or `f` fails.
pub(crate) fn write(at: OffsetDateTime, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&at.format(MICROSECONDS).map_err(|_| fmt::Error)?)
}
