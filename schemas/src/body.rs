//! Bodies from outside: both doors read them here, so that both say the same of what is wrong.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Problem, ProblemKind};

/// Whether a body has no text. A byte order mark is not text.
pub fn is_empty(body: &[u8]) -> bool {
    body.is_empty() || body == BYTE_ORDER_MARK.as_bytes()
}

/// What some editors and shells write before a text in UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads a JSON object; `expected` begins the detail about one that is JSON and yet wrong. A byte
/// order mark at the start is skipped.
///
/// # Errors
/// `malformed` for what is no UTF-8 or no JSON, wherever in it that shows; `invalid` for JSON that
/// is no object, or not this one.
pub fn object<'de, T: Deserialize<'de>>(body: &'de [u8], expected: &str) -> Result<T, Problem> {
    let malformed = |detail: String| Problem::new(ProblemKind::Malformed, detail);
    let invalid = |why: &str| Problem::new(ProblemKind::Invalid, format!("{expected}: {why}"));
    let text = std::str::from_utf8(body).map_err(|error| {
        malformed(format!("the body is no UTF-8 after byte {}", error.valid_up_to()))
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    // serde reads a struct from an array, too.
    let is_object = text.trim_start().starts_with('{');
    let error = match serde_json::from_str(text) {
        Ok(read) if is_object => return Ok(read),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    // What is wrong with the content may have been met before the end of what is no JSON.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(malformed(format!("the body is no JSON: {error}")));
    }
    Err(match error {
        Some(error) if is_object => invalid(&error.to_string()),
        _ if text.trim_start().starts_with('[') => invalid("it is an array and no object"),
        _ => invalid("it is no object"),
    })
}
