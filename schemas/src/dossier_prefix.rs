//! The beginning of a dossier.

use std::fmt;
use std::str::FromStr;

use crate::dossier::{read_letter, read_number};
use crate::parts::SIX;

/// The beginning of a dossier, at least its first digit: `1`, `19`, `19 z`. It holds ASCII digits,
/// letters and spaces only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierPrefix(String);

impl DossierPrefix {
    /// What every such beginning looks like.
    pub const PATTERN: &str =
        "^((1?[0-9] [a-z] ){0,4}1?[0-9]( ([a-z] ?)?)?|(1?[0-9] [a-z] ){5}1?[0-9]( [a-z]?)?)$";

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DossierPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why no dossier begins so.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; write how a dossier begins, as \"19 z 4\": numbers from 0 to 19 and letters from a to z, in turn, with one space between"
)]
pub struct ParseDossierPrefixError(String);

impl FromStr for DossierPrefix {
    type Err = ParseDossierPrefixError;

    fn from_str(text: &str) -> Result<Self, ParseDossierPrefixError> {
        check(text).map_err(ParseDossierPrefixError)?;
        Ok(Self(text.to_owned()))
    }
}

/// The text may end anywhere. A number that is cut off is still a number (`1` of `19`), so each part can
/// be checked as a whole. Behind the last space there may be no part.
fn check(text: &str) -> Result<(), String> {
    let complete = text.strip_suffix(' ').unwrap_or(text);
    let parts: Vec<_> = complete.split(' ').collect();
    if parts.len() > 2 * SIX || (parts.len() == 2 * SIX && complete.len() < text.len()) {
        return Err("it is longer than a dossier".to_owned());
    }
    for (place, part) in parts.into_iter().enumerate() {
        let read =
            if place % 2 == 0 { read_number(part).map(drop) } else { read_letter(part).map(drop) };
        read.map_err(|wrong| format!("part {}: {wrong}", place + 1))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_of_a_dossier_is_one() {
        let dossier = "19 z 4 a 7 k 0 b 12 q 3 m";
        for end in 1..=dossier.len() {
            let prefix: DossierPrefix = dossier[..end].parse().unwrap();
            assert_eq!(
                (prefix.as_str(), prefix.to_string().as_str()),
                (&dossier[..end], &dossier[..end])
            );
        }
    }

    #[test]
    fn what_no_dossier_begins_with_is_refused_and_the_part_is_named() {
        for (text, wrong) in [
            ("", "part 1"),
            (" ", "part 1"),
            ("z", "part 1"),
            ("20", "part 1"),
            ("01", "part 1"),
            ("%", "part 1"),
            ("19z", "part 1"),
            ("19 zz", "part 2"),
            ("19 Z", "part 2"),
            ("19  z", "part 2"),
            ("19 z _", "part 3"),
            ("19 z 4 a 7 k 0 b 12 q 3 m ", "longer"),
            ("19 z 4 a 7 k 0 b 12 q 3 m 1", "longer"),
        ] {
            let error = text.parse::<DossierPrefix>().unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains("19 z 4"), "{text:?}: {error}");
        }
    }
}
