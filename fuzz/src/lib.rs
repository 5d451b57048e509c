//! The decoders that outside bytes reach, each with what must hold for whatever comes.
//!
//! `cargo xtask fuzz` runs a [target](TARGETS) under libFuzzer, which looks for bytes that take a new way
//! through the code. What it found is kept in `corpus/`, and the tests run every file of it again.
#![expect(clippy::expect_used, reason = "a target that fails has found something")]

mod bodies;
mod headers;
mod rules;
mod words;

/// A decoder and its invariants: it panics when one does not hold.
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Tries these bytes.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 14] = [
    Target { name: "accept", run: headers::accept },
    Target { name: "addresses", run: words::addresses },
    Target { name: "casebook", run: rules::casebook },
    Target { name: "cursors", run: words::cursors },
    Target { name: "forwarded", run: headers::forwarded },
    Target { name: "idempotency-key", run: headers::idempotency_key },
    Target { name: "if-none-match", run: headers::if_none_match },
    Target { name: "last-event-id", run: headers::last_event_id },
    Target { name: "messages", run: bodies::messages },
    Target { name: "prefer", run: headers::prefer },
    Target { name: "properties", run: bodies::properties },
    Target { name: "query", run: words::query },
    Target { name: "requests", run: bodies::requests },
    Target { name: "stamps", run: words::stamps },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
