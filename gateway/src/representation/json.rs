//! A body of JSON.

use serde::Serialize;

/// One line of JSON, with a newline for terminals.
pub(crate) fn json(what: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(what).unwrap_or_default(); // our own types cannot fail
    bytes.push(b'\n');
    bytes
}
