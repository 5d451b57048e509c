//! The letter worker's part: six letters.

use std::borrow::Cow;

use rand::{Rng, RngExt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::draw::{Draw, SIX};

/// A letter of a dossier: a..=z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Letter(u8);

impl Letter {
    pub(crate) const FIRST: Self = Self(b'a');

    /// Every letter, in the order of the alphabet.
    pub fn all() -> impl Iterator<Item = Self> {
        (b'a'..=b'z').map(Self)
    }

    /// The letter as a character.
    pub fn get(self) -> char {
        char::from(self.0)
    }
}

impl TryFrom<char> for Letter {
    type Error = String;

    fn try_from(value: char) -> Result<Self, String> {
        match u8::try_from(value) {
            Ok(byte) if byte.is_ascii_lowercase() => Ok(Self(byte)),
            _ => Err(format!("{value:?} is not a letter of a dossier: it must be a to z")),
        }
    }
}

/// The letter worker's part of a dossier: six letters, in JSON `"zakbqm"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub struct Letters(pub(crate) [Letter; SIX]);

impl Letters {
    /// The letter that chooses the target.
    pub fn first(&self) -> Letter {
        let [first, ..] = self.0;
        first
    }
}

impl Draw for Letters {
    /// Six letters, each uniform over a to z and independent of the others.
    fn draw(rng: &mut impl Rng) -> Self {
        Self(std::array::from_fn(|_| Letter(rng.random_range(b'a'..=b'z'))))
    }

    fn sample() -> Self {
        Self((*b"zakbqm").map(Letter))
    }
}

impl From<[Letter; SIX]> for Letters {
    fn from(letters: [Letter; SIX]) -> Self {
        Self(letters)
    }
}

impl TryFrom<Cow<'_, str>> for Letters {
    type Error = String;

    fn try_from(text: Cow<'_, str>) -> Result<Self, String> {
        let letters = text.chars().map(Letter::try_from).collect::<Result<Vec<_>, _>>()?;
        let count = letters.len();
        let six = <[Letter; SIX]>::try_from(letters);
        six.map(Self).map_err(|_| format!("{count} letters: a part has exactly {SIX}"))
    }
}

impl From<Letters> for String {
    fn from(letters: Letters) -> Self {
        letters.0.iter().map(|letter| letter.get()).collect()
    }
}

impl JsonSchema for Letters {
    fn schema_name() -> Cow<'static, str> {
        "Letters".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The letter worker's part of a dossier.",
            "type": "string", "pattern": "^[a-z]{6}$",
        })
    }
}
