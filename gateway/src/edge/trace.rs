//! W3C Trace Context: a caller's trace is passed on with its request.

use axum::http::{HeaderMap, HeaderName};

use crate::correlator::Trace;

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// The standard allows to drop a longer `tracestate`.
const LONGEST_STATE: usize = 512;

/// The caller's trace, if its `traceparent` follows the standard.
pub(crate) fn trace(headers: &HeaderMap) -> Option<Trace> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let parent = text(PARENT).filter(|parent| is_parent(parent))?.to_owned();
    let state = text(STATE).filter(|state| state.len() <= LONGEST_STATE).map(str::to_owned);
    Some(Trace { parent, state })
}

/// `version-trace-parent-flags` in lower-case hexadecimal digits (section 3.2.2), not all zero.
fn is_parent(text: &str) -> bool {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let some = |part: &str| part.bytes().any(|digit| digit != b'0');
    let parts: Vec<_> = text.split('-').collect();
    match parts.as_slice() {
        ["00", trace, parent, flags] => {
            hex(trace, 32) && some(trace) && hex(parent, 16) && some(parent) && hex(flags, 2)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_traceparent_of_the_standard_goes_along() {
        assert!(is_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(!is_parent(wrong), "{wrong}");
        }
    }
}
