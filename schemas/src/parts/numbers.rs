//! The number worker's part: six numbers.

use std::borrow::Cow;

use rand::{Rng, RngExt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::draw::{Draw, SIX};

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
            Err(format!("{value} is not a number of a dossier: it must be 0 to {}", Self::MAX))
        }
    }
}

impl From<Number> for u8 {
    fn from(number: Number) -> Self {
        number.0
    }
}

/// The number worker's part of a dossier: six numbers, in JSON `[19,4,7,0,12,3]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers(pub(crate) [Number; SIX]);

impl Numbers {
    /// The number that chooses the objective.
    pub fn first(&self) -> Number {
        let [first, ..] = self.0;
        first
    }
}

impl Draw for Numbers {
    /// Six numbers, each uniform over 0 to 19 and independent of the others.
    fn draw(rng: &mut impl Rng) -> Self {
        Self(std::array::from_fn(|_| Number(rng.random_range(0..=Number::MAX))))
    }

    fn sample() -> Self {
        Self([19, 4, 7, 0, 12, 3].map(Number))
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
