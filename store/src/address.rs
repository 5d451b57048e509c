//! Where missions are kept, as an operator writes it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use schemas::ServerAddress;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

/// Where missions are kept: `sqlite:FILE` or `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, the latter
/// with `?ssl-mode=…` and files for TLS when wanted (`ssl-ca`, `ssl-cert`, `ssl-key`). `mariadb://`
/// means the same. It is shown without its password, also by `{:?}`.
#[derive(Clone)]
pub struct Address {
    pub(crate) place: Place,
    /// As it was written, to see whether it has changed.
    pub(crate) text: String,
}

/// What an address names.
#[derive(Clone)]
pub(crate) enum Place {
    /// A file, made by a migration when it is missing.
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
    /// The same, where the server has to have a certificate of the authority in this file (PEM) for its host. An
    /// `ssl-ca` of the address goes before it, and `ssl-mode=VERIFY_CA` lets it have one for another host.
    ///
    /// # Errors
    /// It is a file, or its `ssl-mode` verifies nothing. The text names the fix.
    pub fn trusting(mut self, authority: &Path) -> Result<Self, &'static str> {
        let given = ServerAddress::parse(&self.text).map(|address| address.options);
        let given = given.unwrap_or_default();
        let named = |option: &str| given.iter().find(|(name, _)| name == option);
        let Place::MySql { options, .. } = &mut self.place else {
            return Err("an authority needs a database at mysql://");
        };
        let mut trusting = options.as_ref().clone();
        match named("ssl-mode").and_then(|(_, mode)| mode.parse().ok()) {
            None => trusting = trusting.ssl_mode(MySqlSslMode::VerifyIdentity),
            Some(MySqlSslMode::VerifyCa | MySqlSslMode::VerifyIdentity) => {}
            Some(_) => return Err("leave out ssl-mode in the address, or write VERIFY_CA"),
        }
        if named("ssl-ca").is_none() {
            trusting = trusting.ssl_ca(authority);
        }
        **options = trusting;
        Ok(self)
    }

    /// The file, if it is SQLite.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite(file) => Some(file),
            Place::MySql { .. } => None,
        }
    }

    /// Host and port, if it is a server. An IPv6 address has no brackets.
    pub fn server(&self) -> Option<(&str, u16)> {
        match &self.place {
            Place::Sqlite(_) => None,
            Place::MySql { options, .. } => Some((options.get_host(), options.get_port())),
        }
    }

    /// The name of the database, if it is a server's.
    pub fn database(&self) -> Option<&str> {
        match &self.place {
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
        let place = place.map_err(ParseAddressError)?;
        Ok(Self { place, text: text.to_owned() })
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

fn mysql(text: &str) -> Result<Place, String> {
    let address = ServerAddress::parse(text).map_err(|wrong| wrong.to_string())?;
    let database = address.path.clone();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    if database.is_empty() {
        return Err("the address names no database".to_owned());
    }
    if database.len() > 64 || !database.chars().all(plain) {
        return Err("a database's name has at most 64 of the characters a-z A-Z 0-9 _ - $".into());
    }
    let mut options = MySqlConnectOptions::new()
        .host(&address.host)
        .port(address.port.unwrap_or(3306))
        .username(address.user.as_deref().unwrap_or("root"))
        .database(&database);
    if let Some(password) = &address.password {
        options = options.password(password);
    }
    for (name, value) in &address.options {
        options = option(options, name, value)?;
    }
    Ok(Place::MySql { options: Box::new(options), database })
}

/// A misspelt `ssl-mode` must not mean "no TLS".
fn option(
    options: MySqlConnectOptions,
    name: &str,
    value: &str,
) -> Result<MySqlConnectOptions, String> {
    match name {
        "ssl-mode" => {
            let mode = value.parse::<MySqlSslMode>().map_err(
                |_| "ssl-mode is DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
            )?;
            Ok(options.ssl_mode(mode))
        }
        "ssl-ca" => Ok(options.ssl_ca(value)),
        "ssl-cert" => Ok(options.ssl_client_cert(value)),
        "ssl-key" => Ok(options.ssl_client_key(value)),
        _ => {
            Err("there is an unknown option behind the ?: ssl-mode, ssl-ca, ssl-cert, ssl-key are \
                  known"
                .to_owned())
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Place::MySql { options, database } => {
                let host = ServerAddress::host_in_url(options.get_host());
                let (user, port) = (options.get_username(), options.get_port());
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
            ("mysql://m:s%40cret@[::1]/spy", "mysql://m@[::1]:3306/spy"),
        ] {
            let address = text.parse::<Address>().unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("cret"));
        }
    }

    #[test]
    fn an_authority_has_the_server_verified_unless_the_address_says_otherwise() {
        let options = |text: &str| {
            let address = text.parse::<Address>().unwrap().trusting(Path::new("/b.pem"))?;
            match address.place {
                Place::MySql { options, .. } => Ok(format!("{options:?}")),
                Place::Sqlite(file) => panic!("{}", file.display()),
            }
        };
        assert!(options("sqlite:x.db").is_err_and(|why: &str| why.contains("mysql://")));
        let shown = options("mysql://h/d").unwrap();
        assert!(shown.contains("VerifyIdentity") && shown.contains("/b.pem"), "{shown}");
        let shown = options("mysql://h/d?ssl-mode=VERIFY_CA&ssl-ca=/a.pem").unwrap();
        assert!(shown.contains("VerifyCa") && shown.contains("/a.pem"), "{shown}");
        let without = options("mysql://h/d?ssl-mode=PREFERRED");
        assert!(without.is_err_and(|why| why.contains("VERIFY_CA")));
    }

    #[test]
    fn an_ipv6_address_is_no_name() {
        let address = "mysql://u:p@[2001:db8::7]:3307/spy".parse::<Address>().unwrap();
        assert_eq!(address.server(), Some(("2001:db8::7", 3307)));
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
            "mysql://u:sec?ret@host/db",
            "mysql://u:12?secret@host/db",
            "mysql://u:secret@ho:st/db",
            "mysql://u:secret@host/db?sslmod=secret",
            "mysql://u:secret@host/db?ssl-mode=x",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("sqlite:FILE or mysql://USER"), "{error}");
            assert!(!error.contains("secret") && !error.contains("ret@"), "{error}");
        }
    }
}
