//! Bodies from outside. HTTP and AMQP read them here, so that both report the same errors.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::{Problem, ProblemKind};

/// Whether a body has no text. A byte order mark is not text.
pub fn is_empty(body: &[u8]) -> bool {
    body.is_empty() || body == BYTE_ORDER_MARK.as_bytes()
}

/// What some editors and shells write before a text in UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads a JSON object. A byte order mark at the start is skipped. If the body is JSON and is not
/// allowed, the detail of the problem begins with `expected`.
///
/// # Errors
/// `malformed` if any part of the body is not UTF-8 or not JSON; `invalid` if it is not an object, or
/// not a `T`.
pub fn object<'de, T: Deserialize<'de>>(body: &'de [u8], expected: &str) -> Result<T, Problem> {
    let malformed = |detail: String| Problem::new(ProblemKind::Malformed, detail);
    let invalid = |why: &str| Problem::new(ProblemKind::Invalid, format!("{expected}: {why}"));
    let text = std::str::from_utf8(body).map_err(|error| {
        malformed(format!("the body is not UTF-8 after byte {}", error.valid_up_to()))
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // serde can read a struct from an array, too.
    let is_object = text.trim_start().starts_with('{');
    let error = match serde_json::from_str(text) {
        Ok(read) if is_object => return Ok(read),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    // The first error may be a wrong value in a body that is not JSON at all.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(malformed(format!("the body is not JSON: {error}")));
    }
    Err(match error {
        Some(error) if is_object => invalid(&error.to_string()),
        _ if text.trim_start().starts_with('[') => invalid("it is an array, not an object"),
        _ => invalid("it is not an object"),
    })
}

/// Reads a member that may be missing, but may not be `null`; for `deserialize_with`.
///
/// # Errors
/// The value is not a `T`.
pub(crate) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
