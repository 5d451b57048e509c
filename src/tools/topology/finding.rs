//! A difference between the table and a broker, and what to do about it.

use std::fmt;

use bus::Severity;

use crate::output::{Colour, paint};

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(crate) about: String,
    pub(crate) what: String,
    pub(crate) next: String,
}

impl Finding {
    pub(super) fn wrong(about: &str, what: impl Into<String>, next: impl Into<String>) -> Self {
        let (about, what, next) = (about.to_owned(), what.into(), next.into());
        Self { severity: Severity::Fatal, about, what, next }
    }

    pub(super) fn differs(about: &str, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { severity: Severity::Tolerable, ..Self::wrong(about, what, next) }
    }

    /// The line that reports it.
    pub(crate) fn line(&self) -> String {
        let word = match self.severity {
            Severity::Tolerable => paint(Colour::Yellow, "differs"),
            Severity::Fatal => paint(Colour::Red, "wrong  "),
        };
        format!("{word}  {self}\n")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; next: {}", self.about, self.what, self.next)
    }
}

/// Names and values from outside, made safe for a terminal: at most 128 characters, and control
/// characters are escaped.
pub(super) fn shown(text: &str) -> String {
    let mut short = String::new();
    for c in text.chars().take(128) {
        match c.is_control() {
            true => short.extend(c.escape_default()),
            false => short.push(c),
        }
    }
    if text.chars().nth(128).is_some() {
        short.push('…');
    }
    short
}
