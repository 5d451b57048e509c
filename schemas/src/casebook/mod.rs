//! A casebook: which objective a first number chooses, and which target a first letter chooses.
//!
//! It is data (TOML), so that people can write their own agency, objectives, targets and rules:
//!
//! ```
//! # fn main() -> Result<(), schemas::CasebookError> {
//! let casebook = schemas::Casebook::parse(r#"
//! name = "my-agency"      # 1 to 63 of a-z, 0-9 and -; its events carry it
//!
//! [[objective]]           # chosen by the first number, 0 to 19
//! divisible_by = 5        # or number, at_least, at_most; several must hold together
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
//! In each list the first matching rule from the top decides. Everything that can be wrong is found
//! when a casebook is read: an accepted casebook has a rule for each dossier, and each of its rules
//! matches some dossier.

mod coverage;
mod findings;
mod list;
mod read;
mod rule;
mod schema;
mod section;

use std::fmt;
use std::sync::Arc;

pub use findings::{CasebookError, Finding};
pub use rule::Rule;
pub(crate) use schema::json_schema;

use list::{List, Objectives, Targets};
use rule::Table;

use crate::mission::Chosen;
use crate::{Decision, Dossier, Drawn, Letter, MissionId, Number, Text};

/// The rules of an agency. They decide every dossier.
#[derive(Debug, Clone)]
pub struct Casebook {
    name: Text,
    objectives: Table,
    targets: Table,
}

impl Casebook {
    /// The longest TOML text that is read, in bytes.
    pub const MAX_BYTES: usize = read::MAX_BYTES;

    /// The TOML text of the default casebook. It is also a template for others.
    pub const MALORY: &str = include_str!("../../casebooks/malory.toml");

    /// The default casebook, `malory`.
    ///
    /// # Errors
    /// None, as long as the tests pass: the same parser reads all casebooks.
    pub fn malory() -> Result<Self, CasebookError> {
        Self::parse(Self::MALORY)
    }

    /// Reads a casebook; at most [`Casebook::MAX_BYTES`] of TOML.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line and the fix.
    pub fn parse(toml: &str) -> Result<Self, CasebookError> {
        let (name, objectives, targets) = read::casebook(toml)?;
        Ok(Self { name, objectives, targets })
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

    /// Every rule for the first number, in the casebook's order. The first that matches decides.
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
            objective: self.objectives.at(Objectives::place(number)),
            letter,
            target: self.targets.at(Targets::place(letter)),
        }
    }
}

/// Which rules decide a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The first number of the dossier.
    pub number: Number,
    /// The rule that the number chose.
    pub objective: &'a Rule,
    /// The first letter of the dossier.
    pub letter: Letter,
    /// The rule that the letter chose.
    pub target: &'a Rule,
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "first number {}: {}", self.number.get(), self.objective)?;
        write!(f, "first letter {}: {}", self.letter.get(), self.target)
    }
}
