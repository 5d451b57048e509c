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

/// The length of that, in bytes, with a year of four digits.
const LENGTH: usize = 27;

/// Writes the instant.
///
/// # Errors
/// It has no RFC 3339 form, or `f` fails.
pub(crate) fn write(at: OffsetDateTime, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0; LENGTH];
    let mut rest = &mut text[..];
    at.format_into(&mut rest, MICROSECONDS).map_err(|_| fmt::Error)?;
    let left = rest.len();
    let written = text.get(..LENGTH - left).unwrap_or_default();
    f.write_str(std::str::from_utf8(written).map_err(|_| fmt::Error)?)
}
