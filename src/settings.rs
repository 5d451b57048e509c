//! Settings: what they mean, read and checked before anything starts. An error names the flag or
//! variable that was used and says what would be right. It repeats no value that may contain a
//! password.

mod servers;

use std::fmt;
use std::io::Read;
use std::path::Path;

use schemas::Casebook;

use crate::cli::{Rules, on_command_line};

pub(crate) use servers::{BROKER, BROKER_FILE};

/// A flag, and the variable that can be set instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    flag: &'static str,
    variable: &'static str,
}

impl Setting {
    /// This flag and this variable.
    pub(crate) const fn new(flag: &'static str, variable: &'static str) -> Self {
        Self { flag, variable }
    }

    /// Whether the flag is on the command line.
    pub(crate) fn is_flag(self) -> bool {
        on_command_line(self.flag)
    }

    /// Whether the variable gives the value: the flag is not used.
    fn is_variable(self) -> bool {
        let value = std::env::var_os(self.variable);
        !self.is_flag() && value.is_some_and(|value| !value.to_string_lossy().trim().is_empty())
    }

    /// This setting is wrong.
    pub(crate) fn wrong(self, wrong: impl ToString) -> WrongSetting {
        WrongSetting::new(self.to_string(), wrong)
    }
}

/// What was used: the flag or the variable; both where neither was.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_flag(), self.is_variable()) {
            (true, _) => f.write_str(self.flag),
            (_, true) => f.write_str(self.variable),
            _ => write!(f, "{} (or {})", self.flag, self.variable),
        }
    }
}

/// A setting that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {wrong}")]
pub(crate) struct WrongSetting {
    name: String,
    wrong: String,
}

impl WrongSetting {
    /// The setting of this name is wrong.
    pub(crate) fn new(name: impl ToString, wrong: impl ToString) -> Self {
        Self { name: name.to_string(), wrong: wrong.to_string() }
    }
}

/// Where the file with the operator's token is set.
pub(crate) const TOKEN_FILE: Setting =
    Setting::new("--operator-token-file", "SPYMISSION_OPERATOR_TOKEN_FILE");
const CASEBOOK: Setting = Setting::new("--casebook", "SPYMISSION_CASEBOOK");

impl Rules {
    /// The casebook: the built-in one unless a file is named.
    ///
    /// # Errors
    /// The file cannot be read, or breaks a rule of casebooks.
    pub(crate) fn casebook(&self) -> Result<Casebook, WrongSetting> {
        let Some(file) = &self.casebook else {
            return Casebook::malory().map_err(|wrong| CASEBOOK.wrong(wrong));
        };
        let text = read(CASEBOOK, file)?;
        let wrong = |wrong| CASEBOOK.wrong(format!("{} is refused\n{wrong}", file.display()));
        Casebook::parse(&text).map_err(wrong)
    }
}

/// The text of a setting that is given either itself or in a file, without white space around it;
/// and which of the two settings gave it. A flag wins over a variable.
///
/// # Errors
/// The file is empty or cannot be read, or both variables are set.
pub(crate) fn text_or_file(
    given: (Option<&str>, Option<&Path>),
    [text, file]: [Setting; 2],
) -> Result<Option<(Setting, String)>, WrongSetting> {
    match given {
        (None, None) => Ok(None),
        (Some(_), Some(_)) if text.is_flag() == file.is_flag() => Err(WrongSetting::new(
            format!("{text} and {file}"),
            "both are set: use only one of them",
        )),
        (Some(value), None) => Ok(Some((text, value.trim().to_owned()))),
        (Some(value), Some(_)) if text.is_flag() => Ok(Some((text, value.trim().to_owned()))),
        (_, Some(path)) => {
            let value = read(file, path)?.trim().to_owned();
            let empty = || file.wrong(format!("the file {} is empty", path.display()));
            Some(value).filter(|value| !value.is_empty()).ok_or_else(empty).map(|v| Some((file, v)))
        }
    }
}

/// The operator's token, if a file with it is named.
///
/// # Errors
/// The file is empty or cannot be read.
pub(crate) fn token(file: Option<&Path>) -> Result<Option<String>, WrongSetting> {
    let token = text_or_file((None, file), [TOKEN_FILE, TOKEN_FILE])?;
    Ok(token.map(|(_, token)| token))
}

/// Reads a file of at most 64 KiB; of a longer one, its first 64 KiB and a byte more.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read(setting: impl fmt::Display, file: &Path) -> Result<String, WrongSetting> {
    let most = Casebook::MAX_BYTES as u64 + 1;
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(most).read_to_string(&mut text))
        .map_err(|error| WrongSetting::new(setting, format!("{}: {error}", file.display())))?;
    Ok(text)
}

/// The same text, with its addresses shown without user and password.
pub(crate) fn without_passwords(text: &str) -> String {
    let shown = |word: &str| {
        let (scheme, rest) = word.split_once("://")?;
        let (_, place) = rest.rsplit_once('@')?;
        Some(format!("{scheme}://…@{place}"))
    };
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| shown(word).unwrap_or_else(|| word.to_owned())).collect()
}
