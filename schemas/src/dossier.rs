//! A dossier: six numbers and six letters, the two halves that the workers draw.

use std::fmt;
use std::str::FromStr;

use rand::{Rng, RngExt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// How many numbers, and how many letters, a dossier has.
const SIX: usize = 6;

/// A number of a dossier: 0..=19.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Number(u8);

impl Number {
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

/// The number worker's half of a dossier: six numbers, in JSON `[19,4,7,0,12,3]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers([Number; SIX]);

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
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Numbers".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The number worker's half of a dossier.",
            "type": "array", "minItems": SIX, "maxItems": SIX,
            "items": { "type": "integer", "minimum": 0, "maximum": Number::MAX },
        })
    }
}

/// The letter worker's half of a dossier: six letters, in JSON `"zakbqm"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "String")]
pub struct Letters([Letter; SIX]);

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

impl TryFrom<std::borrow::Cow<'_, str>> for Letters {
    type Error = String;

    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, String> {
        let letters = text.chars().map(Letter::try_from).collect::<Result<Vec<_>, _>>()?;
        let count = letters.len();
        let six = <[Letter; SIX]>::try_from(letters);
        six.map(Self).map_err(|_| format!("{count} letters: a half has exactly {SIX}"))
    }
}

impl From<Letters> for String {
    fn from(letters: Letters) -> Self {
        letters.0.iter().map(|letter| letter.get()).collect()
    }
}

impl JsonSchema for Letters {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Letters".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The letter worker's half of a dossier.",
            "type": "string", "pattern": "^[a-z]{6}$",
        })
    }
}

/// Both halves, interleaved number first: `19 z 4 a 7 k 0 b 12 q 3 m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "String")]
pub struct Dossier {
    /// The number worker's half.
    pub numbers: Numbers,
    /// The letter worker's half.
    pub letters: Letters,
}

impl fmt::Display for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (number, letter)) in self.numbers.0.iter().zip(self.letters.0).enumerate() {
            let space = if i == 0 { "" } else { " " };
            write!(f, "{space}{} {}", number.get(), letter.get())?;
        }
        Ok(())
    }
}

impl From<Dossier> for String {
    fn from(dossier: Dossier) -> Self {
        dossier.to_string()
    }
}

/// Why a text is no dossier, and what one looks like.
#[derive(Debug, thiserror::Error)]
#[error("{0}; a dossier looks like \"19 z 4 a 7 k 0 b 12 q 3 m\"")]
pub struct ParseDossierError(String);

impl FromStr for Dossier {
    type Err = ParseDossierError;

    fn from_str(text: &str) -> Result<Self, ParseDossierError> {
        parse(text).map_err(ParseDossierError)
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for Dossier {
    type Error = ParseDossierError;

    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, ParseDossierError> {
        text.parse()
    }
}

fn parse(text: &str) -> Result<Dossier, String> {
    let mut words = text.split(' ');
    let mut word = || words.next().ok_or_else(|| "it is too short".to_owned());
    let mut numbers = [Number(0); SIX];
    let mut letters = [Letter(b'a'); SIX];
    for (number, letter) in numbers.iter_mut().zip(&mut letters) {
        let digits = word()?;
        let canonical = digits.len() == 1 || !digits.starts_with(['0', '+']);
        let value = digits.parse::<u8>().ok().filter(|_| canonical);
        *number = Number::try_from(value.ok_or_else(|| format!("{digits:?} is no number"))?)?;
        let letter_word = word()?;
        let mut chars = letter_word.chars();
        *letter = match (chars.next(), chars.next()) {
            (Some(only), None) => Letter::try_from(only)?,
            _ => return Err(format!("{letter_word:?} is no single letter")),
        };
    }
    if words.next().is_some() {
        return Err("it is too long".to_owned());
    }
    Ok(Dossier { numbers: Numbers(numbers), letters: Letters(letters) })
}

impl JsonSchema for Dossier {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dossier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Six numbers and six letters, interleaved number first.",
            "type": "string",
            "pattern": "^(1?[0-9] [a-z] ){5}1?[0-9] [a-z]$",
            "examples": ["19 z 4 a 7 k 0 b 12 q 3 m"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn rng() -> StdRng {
        StdRng::seed_from_u64(42)
    }

    #[test]
    fn a_dossier_interleaves_numbers_and_letters_number_first() {
        let numbers = [19, 4, 7, 0, 12, 3].map(|n| Number::try_from(n).unwrap());
        let letters = ['z', 'a', 'k', 'b', 'q', 'm'].map(|l| Letter::try_from(l).unwrap());
        let dossier = Dossier { numbers: numbers.into(), letters: letters.into() };
        assert_eq!(dossier.to_string(), "19 z 4 a 7 k 0 b 12 q 3 m");
    }

    #[test]
    fn every_drawn_dossier_reads_back_as_itself() {
        let rng = &mut rng();
        for _ in 0..1000 {
            let drawn = Dossier { numbers: Numbers::draw(rng), letters: Letters::draw(rng) };
            assert_eq!(drawn.to_string().parse::<Dossier>().unwrap(), drawn);
        }
    }

    #[test]
    fn what_is_no_dossier_is_refused_with_an_example() {
        for text in [
            "",
            "19 z",
            "20 z 4 a 7 k 0 b 12 q 3 m",
            "19 Z 4 a 7 k 0 b 12 q 3 m",
            "19 z 4 a 7 k 0 b 12 q 3 m 1",
            "019 z 4 a 7 k 0 b 12 q 3 m",
            "+1 z 4 a 7 k 0 b 12 q 3 m",
            "19  z 4 a 7 k 0 b 12 q 3 m",
        ] {
            let error = text.parse::<Dossier>().unwrap_err().to_string();
            assert!(error.contains("19 z 4 a"), "{error}");
        }
    }

    /// Chi-squared with 19 and 25 degrees of freedom: a fair draw stays below 60 with probability
    /// over 0.9999, and the seed is fixed, so this never flickers.
    #[test]
    fn numbers_and_letters_are_drawn_uniformly_in_every_place() {
        let (rng, draws) = (&mut rng(), 52_000);
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
    fn halves_out_of_range_are_refused() {
        for json in
            ["[20,4,7,0,12,3]", "[1,2,3,4,5]", "[1,2,3,4,5,6,7]", "[-1,4,7,0,12,3]", "\"x\""]
        {
            assert!(serde_json::from_str::<Numbers>(json).is_err(), "{json}");
        }
        for json in ["\"zakbq\"", "\"zakbqmm\"", "\"Zakbqm\"", "\"zakbqé\"", "[]"] {
            assert!(serde_json::from_str::<Letters>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            if let Ok(dossier) = text.parse::<Dossier>() {
                prop_assert_eq!(dossier.to_string(), text);
            }
        }
    }
}
