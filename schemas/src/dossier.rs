//! A dossier: the numbers and letters of a mission, as one text.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::as_text::as_text;
use crate::columns::{ColumnKind, Field, Plain, Raw, Value, text};
use crate::parts::{Draw, Drawn, Letter, Letters, Number, Numbers, SIX};

/// Six numbers and six letters, interleaved number first: `19 z 4 a 7 k 0 b 12 q 3 m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dossier {
    /// The number worker's part.
    pub numbers: Numbers,
    /// The letter worker's part.
    pub letters: Letters,
}

as_text!(Dossier);

impl Dossier {
    /// The dossier of a mission.
    pub fn of(parts: &Drawn) -> Self {
        Self { numbers: parts.numbers, letters: parts.letters }
    }

    /// The parts of the example, with the numbers and letters of this dossier. It is for tests and
    /// tools that know only a dossier.
    pub fn with_example_parts(self) -> Drawn {
        let mut parts = Drawn::sample();
        (parts.numbers, parts.letters) = (self.numbers, self.letters);
        parts
    }
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

/// Why a text is not a dossier, and what a dossier looks like.
#[derive(Debug, thiserror::Error)]
#[error("{0}; a dossier looks like \"19 z 4 a 7 k 0 b 12 q 3 m\"")]
pub struct ParseDossierError(String);

impl FromStr for Dossier {
    type Err = ParseDossierError;

    fn from_str(text: &str) -> Result<Self, ParseDossierError> {
        parse(text).map_err(ParseDossierError)
    }
}

fn parse(text: &str) -> Result<Dossier, String> {
    let mut words = text.split(' ').enumerate();
    let mut word = || words.next().ok_or_else(|| "it is too short".to_owned());
    let at = |place: usize, wrong: String| format!("part {} of 12: {wrong}", place + 1);
    let mut numbers = [Number::FIRST; SIX];
    let mut letters = [Letter::FIRST; SIX];
    for (number, letter) in numbers.iter_mut().zip(&mut letters) {
        let (place, digits) = word()?;
        *number = read_number(digits).map_err(|wrong| at(place, wrong))?;
        let (place, only) = word()?;
        *letter = read_letter(only).map_err(|wrong| at(place, wrong))?;
    }
    if words.next().is_some() {
        return Err("it is too long".to_owned());
    }
    Ok(Dossier { numbers: Numbers(numbers), letters: Letters(letters) })
}

pub(crate) fn read_number(digits: &str) -> Result<Number, String> {
    let canonical = digits.len() == 1 || !digits.starts_with(['0', '+']);
    let value = digits.parse::<u8>().ok().filter(|_| canonical);
    value.ok_or_else(|| format!("{:?} is not a number", shortened(digits)))?.try_into()
}

pub(crate) fn read_letter(word: &str) -> Result<Letter, String> {
    let mut chars = word.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => only.try_into(),
        _ => Err(format!("{:?} is not a single letter", shortened(word))),
    }
}

/// Text from outside for an error: cut at 16 characters.
fn shortened(text: &str) -> String {
    text.chars().take(16).collect()
}

impl JsonSchema for Dossier {
    fn schema_name() -> Cow<'static, str> {
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

impl Plain for Dossier {}

impl Field for Dossier {
    const KIND: ColumnKind = ColumnKind::Plain;

    fn value(&self) -> Value<'_> {
        Value::Plain(self)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw)?.parse().map_err(|error: ParseDossierError| error.to_string())
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
            let drawn = Dossier::of(&Drawn::draw(rng));
            assert_eq!(drawn.to_string().parse::<Dossier>().unwrap(), drawn);
        }
    }

    #[test]
    fn other_text_is_refused_with_an_example() {
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

    #[test]
    fn a_refusal_says_which_part_is_wrong() {
        for (text, wrong) in [
            ("19 z 20 a 7 k 0 b 12 q 3 m", "part 3 of 12: 20 is not a number"),
            ("19 z 4 A 7 k 0 b 12 q 3 m", "part 4 of 12: 'A' is not a letter"),
            ("z 19 4 a 7 k 0 b 12 q 3 m", "part 1 of 12: \"z\" is not a number"),
            ("19 zz 4 a 7 k 0 b 12 q 3 m", "part 2 of 12: \"zz\" is not a single letter"),
        ] {
            let error = text.parse::<Dossier>().unwrap_err().to_string();
            assert!(error.starts_with(wrong), "{error}");
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
