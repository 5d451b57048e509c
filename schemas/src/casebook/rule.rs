//! A rule, and which rule applies to which number or letter.

use std::fmt;
use std::sync::Arc;

use crate::Text;

/// One `[[objective]]` or `[[target]]` of a casebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// When it matches, in the words of the casebook: `divisible_by = 3`; or `any other`.
    pub condition: String,
    /// The objective or target that it gives.
    pub text: Text,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}: {})", self.text, self.line, self.condition)
    }
}

/// The rules of one list. The rule of the last number or letter is a field of its own, so that no
/// look-up can fail.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Every rule, in the order of the casebook.
    pub(super) in_order: Vec<Arc<Rule>>,
    /// The rule of each number or letter, without the last one.
    pub(super) all_but_last: Vec<Arc<Rule>>,
    /// The rule of the last number or letter.
    pub(super) last: Arc<Rule>,
}

impl Table {
    /// The rule of the number or letter that has so many before it.
    pub(super) fn at(&self, place: usize) -> &Rule {
        self.all_but_last.get(place).unwrap_or(&self.last)
    }
}
