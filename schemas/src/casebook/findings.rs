//! What is wrong with a casebook: each finding has its line and the fix.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with a casebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong.
    pub wrong: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}; fix: {}", self.line, self.wrong, self.fix)
    }
}

/// Why a text is no casebook. It is displayed as one line for each of the first 50 findings, from
/// the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasebookError {
    findings: Vec<Finding>,
}

impl CasebookError {
    /// The most findings that are displayed.
    const MAX_SHOWN: usize = 50;

    /// Every finding, from the top: at least one.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for CasebookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, finding) in self.findings.iter().take(Self::MAX_SHOWN).enumerate() {
            let newline = if i == 0 { "" } else { "\n" };
            write!(f, "{newline}{finding}")?;
        }
        match self.findings.len().saturating_sub(Self::MAX_SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for CasebookError {}

/// The findings so far, and where the lines of the text end.
pub(super) struct Findings {
    newlines: Vec<usize>,
    found: Vec<Finding>,
}

impl Findings {
    /// No findings yet in this text.
    pub(super) fn of(text: &str) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at).collect();
        Self { newlines, found: Vec::new() }
    }

    /// The line on which this place begins.
    pub(super) fn line(&self, place: &Range<usize>) -> usize {
        self.newlines.partition_point(|newline| *newline < place.start) + 1
    }

    /// Adds a finding.
    pub(super) fn add(&mut self, line: usize, wrong: impl Into<String>, fix: impl Into<String>) {
        self.found.push(Finding { line, wrong: wrong.into(), fix: fix.into() });
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All findings, from the top.
    pub(super) fn into_error(self) -> CasebookError {
        let mut findings = self.found;
        findings.sort_by_key(|finding| finding.line);
        CasebookError { findings }
    }
}

/// Text of a casebook for a finding: without control characters, cut at 64 characters.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(64).flat_map(char::escape_debug).collect();
    if text.chars().nth(64).is_some() {
        short.push('…');
    }
    short
}

/// The shortened text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text))
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_its_newline() {
        let findings = Findings::of("a\nb\n");
        let line = |at: usize| findings.line(&(at..at + 1));
        assert_eq!([0, 1, 2, 3].map(line), [1, 1, 2, 2]);
    }
}
