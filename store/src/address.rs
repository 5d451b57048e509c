//! Where missions are kept, as an operator writes it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::mysql::MySqlConnectOptions;

/// Where missions are kept: `sqlite:FILE` or `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, the latter
/// with `?ssl-mode=…` and files for TLS when wanted (`ssl-ca`, `ssl-cert`, `ssl-key`). `mariadb://`
/// means the same. Shown without its password, also by `{:?}`.
#[derive(Clone)]
pub struct Address(pub(crate) Place);

/// What an address names.
#[derive(Clone)]
pub(crate) enum Place {
    /// A file, made when it is missing.
    Sqlite(PathBuf),
    /// A database of a server; the options hold the password.
    MySql { options: Box<MySqlConnectOptions>, database: String },
}

/// Why a text is no address, and which forms are; it never repeats the text, which may hold a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; a database is sqlite:FILE or mysql://USER:PASSWORD@HOST:PORT/DATABASE[?ssl-mode=…]")]
pub struct ParseAddressError(String);

impl Address {
    /// The file, if it is SQLite.
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(file) => Some(file),
            Place::MySql { .. } => None,
        }
    }

    /// Host and port, if it is a server.
    pub fn server(&self) -> Option<(&str, u16)> {
        match &self.0 {
            Place::Sqlite(_) => None,
            Place::MySql { options, .. } => Some((options.get_host(), options.get_port())),
        }
    }

    /// The name of the database, if it is a server's.
    pub fn database(&self) -> Option<&str> {
        match &self.0 {
            Place::Sqlite(_) => None,
            Place::MySql { database, .. } => Some(database),
        }
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        let place = match text.split_once(':') {
            Some(("sqlite", file)) => sqlite(file),
            Some(("mysql" | "mariadb", rest)) if rest.starts_with("//") => mysql(text),
            Some(("mysql" | "mariadb", _)) => Err("// is missing after the scheme".to_owned()),
            _ => Err("the address begins with neither sqlite: nor mysql://".to_owned()),
        };
        place.map(Self).map_err(ParseAddressError)
    }
}

fn sqlite(file: &str) -> Result<Place, String> {
    let file = file.strip_prefix("//").unwrap_or(file);
    if file.is_empty() {
        Err("sqlite: names no file".to_owned())
    } else if file == ":memory:" {
        Err("a database in memory keeps nothing: name a file".to_owned())
    } else if file.contains('?') {
        Err("sqlite: takes no options behind a ?".to_owned())
    } else {
        Ok(Place::Sqlite(Path::new(file).to_owned()))
    }
}

/// sqlx ignores an option that it does not know; a misspelt `ssl-mode` must not mean "no TLS".
const OPTIONS: [&str; 4] = ["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key"];

fn mysql(url: &str) -> Result<Place, String> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split_once('=').map_or(pair, |(key, _)| key);
        if !OPTIONS.contains(&key) {
            return Err(format!(
                "there is an unknown option behind the ?: {} are known",
                OPTIONS.join(", ")
            ));
        }
    }
    let options = url.parse::<MySqlConnectOptions>().map_err(|error| {
        format!("{error} (special characters in user and password must be percent-encoded)")
    })?;
    let database = options.get_database().unwrap_or_default().to_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    if database.is_empty() {
        Err("the address names no database".to_owned())
    } else if database.len() > 64 || !database.chars().all(plain) {
        Err("a database's name has at most 64 of the characters a-z A-Z 0-9 _ - $".to_owned())
    } else {
        Ok(Place::MySql { options: Box::new(options), database })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Place::MySql { options, database } => {
                let (user, host, port) =
                    (options.get_username(), options.get_host(), options.get_port());
                write!(f, "mysql://{user}@{host}:{port}/{database}")
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown) in [
            ("sqlite:spymission.db", "sqlite:spymission.db"),
            ("sqlite:///var/lib/m.db", "sqlite:/var/lib/m.db"),
            ("mysql://m:s%40cret@db:3307/spy?ssl-mode=VERIFY_CA", "mysql://m@db:3307/spy"),
            ("mariadb://m:s%40cret@db/spy", "mysql://m@db:3306/spy"),
        ] {
            let address = text.parse::<Address>().unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("cret"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_forms_and_without_a_secret() {
        for text in [
            "",
            "spymission.db",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:x.db?mode=rwc",
            "postgres://secret@x/y",
            "mysql:secret",
            "mysql://u:secret@host",
            "mysql://u:secret@host/",
            "mysql://u:secret@host/a`b",
            "mysql://u:sec/ret@host/db",
            "mysql://u:secret@host/db?sslmod=secret",
            "mysql://u:secret@host/db?ssl-mode=x",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("sqlite:FILE or mysql://USER"), "{error}");
            assert!(!error.contains("secret") && !error.contains("ret@"), "{error}");
        }
    }
}
