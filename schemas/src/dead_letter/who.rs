//! Who did something.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::letter::DeadLetter;
use crate::columns::{ColumnKind, Field, Raw, Value, text};

/// Who did something: 1 to 63 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Who(#[schemars(length(min = 1, max = 63))] String);

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 63 characters, and no control character among them")]
pub struct WrongWho;

impl Who {
    /// Somebody whose name the system does not tell.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Who {
    type Err = WrongWho;

    fn from_str(text: &str) -> Result<Self, WrongWho> {
        let name = text.trim();
        let fits = (1..=DeadLetter::MAX_NAME).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(WrongWho)
        }
    }
}

impl TryFrom<String> for Who {
    type Error = WrongWho;

    fn try_from(text: String) -> Result<Self, WrongWho> {
        text.parse()
    }
}

impl From<Who> for String {
    fn from(who: Who) -> Self {
        who.0
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for Who {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(&self.0)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw)?.parse().map_err(|error: WrongWho| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        assert_eq!(" ada ".parse::<Who>().unwrap().as_str(), "ada");
        for wrong in ["", " ", "a\nb", &"x".repeat(64)] {
            assert_eq!(wrong.parse::<Who>(), Err(WrongWho), "{wrong:?}");
        }
    }
}
