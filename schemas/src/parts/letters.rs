//! The letter worker's part: six letters.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::str::FromStr;

use rand::{Rng, RngExt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::draw::{Draw, SIX};
use crate::as_text::as_text;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters(pub(crate) [Letter; SIX]);

as_text!(Letters);

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

impl FromStr for Letters {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut letters, mut count) = ([Letter(b'a'); SIX], 0);
        for letter in text.chars() {
            let letter = Letter::try_from(letter)?;
            if let Some(place) = letters.get_mut(count) {
                *place = letter;
            }
            count += 1;
        }
        if count != SIX {
            return Err(format!("{count} letters: a part has exactly {SIX}"));
        }
        Ok(Self(letters))
    }
}

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| f.write_char(letter.get()))
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
