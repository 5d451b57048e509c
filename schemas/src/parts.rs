//! The two parts of a dossier: six numbers and six letters.

use std::borrow::Cow;

use rand::{Rng, RngExt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How many numbers, and how many letters, a dossier has.
pub(crate) const SIX: usize = 6;

/// A number of a dossier: 0..=19.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Number(u8);

impl Number {
    pub(crate) const FIRST: Self = Self(0);
    /// The largest number.
    pub const MAX: u8 = 19;

    /// Every number, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=Self::MAX).map(Self)
    }

    /// The number as an integer.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Number {
    type Error = String;

    fn try_from(value: u8) -> Result<Self, String> {
        if value <= Self::MAX {
            Ok(Self(value))
        } else {
            Err(format!("{value} is no number of a dossier: it must be 0 to {}", Self::MAX))
        }
    }
}

impl From<Number> for u8 {
    fn from(number: Number) -> Self {
        number.0
    }
}

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
            _ => Err(format!("{value:?} is no letter of a dossier: it must be a to z")),
        }
    }
}

/// The number worker's part of a dossier: six numbers, in JSON `[19,4,7,0,12,3]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers(pub(crate) [Number; SIX]);

impl Numbers {
    /// Draws six numbers, each uniform over 0..=19 and independent of the others.
    pub fn draw(rng: &mut impl Rng) -> Self {
        Self(std::array::from_fn(|_| Number(rng.random_range(0..=Number::MAX))))
    }

    /// The number that chooses the objective.
    pub fn first(&self) -> Number {
        let [first, ..] = self.0;
        first
    }
}

impl From<[Number; SIX]> for Numbers {
    fn from(numbers: [Number; SIX]) -> Self {
        Self(numbers)
    }
}

impl JsonSchema for Numbers {
    fn schema_name() -> Cow<'static, str> {
        "Numbers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The number worker's part of a dossier.",
            "type": "array", "minItems": SIX, "maxItems": SIX,
            "items": { "type": "integer", "minimum": 0, "maximum": Number::MAX },
        })
    }
}

/// The letter worker's part of a dossier: six letters, in JSON `"zakbqm"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub struct Letters(pub(crate) [Letter; SIX]);

impl Letters {
    /// Draws six letters, each uniform over a..=z and independent of the others.
    pub fn draw(rng: &mut impl Rng) -> Self {
        Self(std::array::from_fn(|_| Letter(rng.random_range(b'a'..=b'z'))))
    }

    /// The letter that chooses the target.
    pub fn first(&self) -> Letter {
        let [first, ..] = self.0;
        first
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

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    /// Chi-squared with 19 and 25 degrees of freedom: a fair draw stays below 60 with probability
    /// over 0.9999, and the seed is fixed, so this never flickers.
    #[test]
    fn numbers_and_letters_are_drawn_uniformly_in_every_place() {
        let (rng, draws) = (&mut StdRng::seed_from_u64(42), 52_000);
        let mut counts = vec![[[0u32; 26]; 2]; SIX];
        for _ in 0..draws {
            let (numbers, letters) = (Numbers::draw(rng), Letters::draw(rng));
            for place in 0..SIX {
                counts[place][0][usize::from(numbers.0[place].get())] += 1;
                counts[place][1][usize::from(letters.0[place].0 - b'a')] += 1;
            }
        }
        let chi_squared = |counts: &[u32]| {
            let expected = f64::from(draws) / counts.len() as f64;
            counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum::<f64>()
        };
        for place in counts {
            assert!(chi_squared(&place[0][..20]) < 60.0, "{place:?}");
            assert!(chi_squared(&place[1]) < 60.0, "{place:?}");
        }
    }

    #[test]
    fn parts_out_of_range_are_refused() {
        for json in
            ["[20,4,7,0,12,3]", "[1,2,3,4,5]", "[1,2,3,4,5,6,7]", "[-1,4,7,0,12,3]", "\"x\""]
        {
            assert!(serde_json::from_str::<Numbers>(json).is_err(), "{json}");
        }
        for json in ["\"zakbq\"", "\"zakbqmm\"", "\"Zakbqm\"", "\"zakbqé\"", "[]"] {
            assert!(serde_json::from_str::<Letters>(json).is_err(), "{json}");
        }
    }
}
