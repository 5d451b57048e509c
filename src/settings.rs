//! Settings: read and checked before anything begins. A wrong one is named, with its fix; what it
//! holds is not repeated where it may hold a password.

use std::path::Path;

use schemas::Casebook;

use crate::cli::{Broker, Database, Rules};

/// A setting that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {wrong}")]
pub(crate) struct WrongSetting {
    name: &'static str,
    wrong: String,
}

impl WrongSetting {
    pub(crate) fn new(name: &'static str, wrong: impl ToString) -> Self {
        Self { name, wrong: wrong.to_string() }
    }
}

const BROKER: &str = "--broker (SPYMISSION_BROKER)";
const DATABASE: &str = "--database (SPYMISSION_DATABASE)";

impl Broker {
    /// The broker's address, for a process that has all roles: `memory:` unless it is set.
    pub(crate) fn or_memory(&self) -> Result<bus::Address, WrongSetting> {
        match self.text()? {
            Some(text) => text.parse().map_err(|wrong| WrongSetting::new(BROKER, wrong)),
            None => Ok(bus::Address::Memory),
        }
    }

    /// The broker's address, for a process that has one role.
    pub(crate) fn shared(&self) -> Result<bus::Address, WrongSetting> {
        let missing = "it is missing: write amqp://user:password@host:5672/vhost";
        let text = self.text()?.ok_or_else(|| WrongSetting::new(BROKER, missing))?;
        match text.parse().map_err(|wrong| WrongSetting::new(BROKER, wrong))? {
            bus::Address::Memory => Err(WrongSetting::new(
                BROKER,
                "memory: is within one process, so no other role could be reached: \
                 use `spymission up`, or an amqp:// address",
            )),
            address => Ok(address),
        }
    }

    fn text(&self) -> Result<Option<String>, WrongSetting> {
        let file = self.broker_file.as_deref();
        from_file("--broker-file (SPYMISSION_BROKER_FILE)", self.broker.as_ref(), file)
    }
}

impl Database {
    /// The database's address, `sqlite:spymission.db` unless it is set.
    pub(crate) fn or_sqlite(&self) -> Result<store::Address, WrongSetting> {
        let text = self.text()?.unwrap_or_else(|| "sqlite:spymission.db".to_owned());
        text.parse().map_err(|wrong| WrongSetting::new(DATABASE, wrong))
    }

    /// The database's address, which must be set.
    pub(crate) fn required(&self) -> Result<store::Address, WrongSetting> {
        let missing = "it is missing: write mysql://user:password@host:3306/database";
        let text = self.text()?.ok_or_else(|| WrongSetting::new(DATABASE, missing))?;
        text.parse().map_err(|wrong| WrongSetting::new(DATABASE, wrong))
    }

    fn text(&self) -> Result<Option<String>, WrongSetting> {
        let file = self.database_file.as_deref();
        from_file("--database-file (SPYMISSION_DATABASE_FILE)", self.database.as_ref(), file)
    }
}

impl Rules {
    /// The casebook: the built-in one unless a file is named.
    pub(crate) fn casebook(&self) -> Result<Casebook, WrongSetting> {
        const CASEBOOK: &str = "--casebook (SPYMISSION_CASEBOOK)";
        let Some(file) = &self.casebook else {
            return Casebook::malory().map_err(|wrong| WrongSetting::new(CASEBOOK, wrong));
        };
        let shown = file.display();
        let text = read(CASEBOOK, file)?;
        let wrong = |wrong| WrongSetting::new(CASEBOOK, format!("{shown} is refused\n{wrong}"));
        Casebook::parse(&text).map_err(wrong)
    }
}

/// The value itself, or what stands in the file; secrets come as files.
pub(crate) fn from_file(
    name: &'static str,
    value: Option<&String>,
    file: Option<&Path>,
) -> Result<Option<String>, WrongSetting> {
    match (value, file) {
        (Some(value), _) => Ok(Some(value.clone())),
        (None, Some(file)) => {
            let text = read(name, file)?.trim().to_owned();
            let empty = || WrongSetting::new(name, format!("{} is empty", file.display()));
            Some(text).filter(|text| !text.is_empty()).ok_or_else(empty).map(Some)
        }
        (None, None) => Ok(None),
    }
}

/// Reads a file of at most 64 KiB.
pub(crate) fn read(name: &'static str, file: &Path) -> Result<String, WrongSetting> {
    use std::io::Read;
    let most = Casebook::MAX_BYTES as u64 + 1;
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(most).read_to_string(&mut text))
        .map_err(|error| WrongSetting::new(name, format!("{}: {error}", file.display())))?;
    Ok(text)
}

/// The same text, its addresses without user and password.
pub(crate) fn without_passwords(text: &str) -> String {
    let shown = |word: &str| {
        let (scheme, rest) = word.split_once("://")?;
        let (_, place) = rest.rsplit_once('@')?;
        Some(format!("{scheme}://…@{place}"))
    };
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| shown(word).unwrap_or_else(|| word.to_owned())).collect()
}
