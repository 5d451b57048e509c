//! A casebook: which first number means which objective, which first letter which target.
//!
//! It is data (TOML), so that people bring their own agency, objectives, targets and rules:
//!
//! ```
//! # fn main() -> Result<(), schemas::CasebookError> {
//! let casebook = schemas::Casebook::parse(r#"
//! name = "my-agency"      # 1 to 63 of a-z, 0-9 and -; its events carry it
//!
//! [[objective]]           # chosen by the first number, 0 to 19
//! divisible_by = 5        # or number, at_least, at_most; of several, all must hold
//! text = "Send a postcard to"
//!
//! [[objective]]           # without a condition: any other
//! text = "Water the plants of"
//!
//! [[target]]              # chosen by the first letter, a to z
//! letters = "aeiou"
//! text = "the neighbour"
//!
//! [[target]]
//! text = "the ambassador"
//! "#)?;
//! # assert_eq!(casebook.name().as_str(), "my-agency");
//! # Ok(())
//! # }
//! ```
//!
//! In each list the first rule from the top that matches decides. Whatever can be wrong is found
//! when a casebook is read: one that is accepted has an answer for every dossier, and uses every
//! one of its rules.

mod condition;
mod coverage;
mod findings;
mod read;
mod schema;

use std::fmt;
use std::sync::Arc;

pub use findings::{CasebookError, Finding};
pub(crate) use schema::json_schema;

use crate::mission::Chosen;
use crate::{Decision, Dossier, Drawn, Letter, MissionId, Number, Text};

/// The rules of an agency, with an answer for every dossier.
#[derive(Debug, Clone)]
pub struct Casebook {
    name: Text,
    objectives: Table,
    targets: Table,
}

impl Casebook {
    /// The longest TOML text that is read, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// The TOML text of the default casebook: also the template for one's own.
    pub const MALORY: &str = include_str!("../../casebooks/malory.toml");

    /// The default casebook, `malory`.
    ///
    /// # Errors
    /// None, as long as the tests pass: it goes through the same parser as everybody's.
    pub fn malory() -> Result<Self, CasebookError> {
        Self::parse(Self::MALORY)
    }

    /// Reads a casebook; at most [`Casebook::MAX_BYTES`] of TOML.
    ///
    /// # Errors
    /// Everything that is wrong with it at once, each with its line and the fix.
    pub fn parse(toml: &str) -> Result<Self, CasebookError> {
        read::casebook(toml)
    }

    /// Its name: 1 to 63 characters of a-z, 0-9 and `-`.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// The mission that these parts make: the first number chooses the objective, the first letter
    /// the target. Two look-ups, no search.
    pub fn decide(&self, id: MissionId, parts: &Drawn) -> Decision {
        let Explanation { objective, target, .. } = self.explain(&Dossier::of(parts));
        let chosen = Chosen {
            objective: objective.text.clone(),
            target: target.text.clone(),
            casebook: self.name.clone(),
        };
        Decision::new(id, parts, chosen)
    }

    /// Every rule for the first number, in the casebook's order: the first that matches decides.
    pub fn objectives(&self) -> impl Iterator<Item = &Rule> {
        self.objectives.in_order.iter().map(Arc::as_ref)
    }

    /// Every rule for the first letter, in the casebook's order.
    pub fn targets(&self) -> impl Iterator<Item = &Rule> {
        self.targets.in_order.iter().map(Arc::as_ref)
    }

    /// The two rules that decide this dossier.
    pub fn explain(&self, dossier: &Dossier) -> Explanation<'_> {
        let (number, letter) = (dossier.numbers.first(), dossier.letters.first());
        Explanation {
            number,
            objective: self.objectives.at(number.place()),
            letter,
            target: self.targets.at(letter.place()),
        }
    }
}

/// One `[[objective]]` or `[[target]]` of a casebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// When it matches, as the casebook says it: `divisible_by = 3`; or `any other`.
    pub condition: String,
    /// The objective or target that it gives.
    pub text: Text,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}: {})", self.text, self.line, self.condition)
    }
}

/// Why a dossier means what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The first number of the dossier.
    pub number: Number,
    /// The rule that it chose.
    pub objective: &'a Rule,
    /// The first letter of the dossier.
    pub letter: Letter,
    /// The rule that it chose.
    pub target: &'a Rule,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "first number {}: {}", self.number.get(), self.objective)?;
        write!(f, "first letter {}: {}", self.letter.get(), self.target)
    }
}

/// The rule for each number or letter. The last one stands apart, so that no look-up can fail.
#[derive(Debug, Clone)]
struct Table {
    in_order: Vec<Arc<Rule>>,
    all_but_last: Vec<Arc<Rule>>,
    last: Arc<Rule>,
}

impl Table {
    fn at(&self, place: usize) -> &Rule {
        self.all_but_last.get(place).unwrap_or(&self.last)
    }
}

/// What a rule decides by: the first number or the first letter of a dossier.
trait Key: Copy + Ord {
    /// The key of its rules in TOML.
    const LIST: &str;
    /// What one is called.
    const NOUN: &str;

    /// Every one, ascending.
    fn all() -> impl Iterator<Item = Self>;

    /// How many come before this one.
    fn place(self) -> usize {
        Self::all().take_while(|key| *key < self).count()
    }

    /// As it stands in an error.
    fn show(self) -> String;
}

impl Key for Number {
    const LIST: &str = "objective";
    const NOUN: &str = "number";

    fn all() -> impl Iterator<Item = Self> {
        Self::all()
    }

    fn show(self) -> String {
        self.get().to_string()
    }
}

impl Key for Letter {
    const LIST: &str = "target";
    const NOUN: &str = "letter";

    fn all() -> impl Iterator<Item = Self> {
        Self::all()
    }

    fn show(self) -> String {
        self.get().to_string()
    }
}
