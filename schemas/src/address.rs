//! The address of a server as an operator writes it. Broker and database share this parser.

use std::net::Ipv6Addr;

/// The parts of `scheme://user:password@host:port/path?option=value&…`, percent-decoded.
///
/// User and password end with the last `@` before the first `/`, `?` or `#`. These three characters
/// must be percent-encoded in a password; other special characters may be. There is no `Debug`,
/// because it would show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// The scheme, as it is in the text.
    pub scheme: String,
    /// The user, if there is one.
    pub user: Option<String>,
    /// The password, if there is one.
    pub password: Option<String>,
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    pub host: String,
    /// The port, if there is one: 1 to 65535.
    pub port: Option<u16>,
    /// The text after the first `/`: a virtual host or a database. It may be empty.
    pub path: String,
    /// The names and values after the `?`.
    pub options: Vec<(String, String)>,
}

/// Why a text is not the address of a server. It never repeats a part of the text, because that may
/// belong to a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongServerAddress(&'static str);

type Wrong = WrongServerAddress;

impl ServerAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// The text is not an address.
    pub fn parse(text: &str) -> Result<Self, WrongServerAddress> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(WrongServerAddress("the address has a space or a control character"));
        }
        let (scheme, rest) =
            text.split_once("://").ok_or(WrongServerAddress("the address has no ://"))?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if tail.contains(['@', '#']) {
            return Err(WrongServerAddress(
                "the address has an @ or a # after its host: in user and password write / as %2F, \
                 ? as %3F and # as %23",
            ));
        }
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, authority),
        };
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, "")))
        {
            Some((user, "")) => (Some(decoded(user)?), None),
            Some((user, password)) => (Some(decoded(user)?), Some(decoded(password)?)),
            None => (None, None),
        };
        let (host, port) = host_and_port(place)?;
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let user = user.filter(|user| !user.is_empty());
        let (scheme, path, options) = (scheme.to_owned(), path_of(path)?, options(query)?);
        Ok(Self { scheme, user, password, host, port, path, options })
    }

    /// The host in the form that a URL has: an IPv6 address in brackets.
    pub fn host_in_url(host: &str) -> String {
        if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
    }
}

fn host_and_port(place: &str) -> Result<(String, Option<u16>), Wrong> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, port) =
                rest.split_once(']').ok_or(WrongServerAddress("the host has no closing ]"))?;
            if host.parse::<Ipv6Addr>().is_err() || !(port.is_empty() || port.starts_with(':')) {
                return Err(WrongServerAddress("the text between [ and ] is not an IPv6 address"));
            }
            (host.to_owned(), port.strip_prefix(':'))
        }
        None => match place.split_once(':') {
            Some((_, port)) if port.contains(':') => {
                return Err(WrongServerAddress(
                    "the host has several colons: write an IPv6 address as [2001:db8::7], and put \
                     user and password before an @",
                ));
            }
            Some((host, port)) => (decoded(host)?, Some(port)),
            None => (decoded(place)?, None),
        },
    };
    let plain = |c: char| c.is_alphanumeric() || "-._:".contains(c);
    if host.is_empty() {
        return Err(WrongServerAddress("the address has no host"));
    }
    if !host.chars().all(plain) {
        return Err(WrongServerAddress("the host has a character that is not allowed there"));
    }
    let port = match port.filter(|port| !port.is_empty()) {
        Some(port) => Some(
            port.parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or(WrongServerAddress("the port is not a number from 1 to 65535"))?,
        ),
        None => None,
    };
    Ok((host, port))
}

fn path_of(path: &str) -> Result<String, Wrong> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.contains('/') {
        return Err(WrongServerAddress("write a / in the name after the host as %2F"));
    }
    decoded(path)
}

fn options(query: &str) -> Result<Vec<(String, String)>, Wrong> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

/// Percent-decodes a text.
fn decoded(text: &str) -> Result<String, Wrong> {
    const WRONG: Wrong =
        WrongServerAddress("a % is not followed by two hexadecimal digits: write % as %25");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2).ok_or(WRONG)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let [high, low] = digits else { return Err(WRONG) };
        bytes.push(digit(*high).ok_or(WRONG)? * 16 + digit(*low).ok_or(WRONG)?);
        rest = behind;
    }
    String::from_utf8(bytes)
        .map_err(|_| WrongServerAddress("the address is not UTF-8 when it is percent-decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All special characters of ASCII.
    const SPECIAL: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    fn encoded(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    #[test]
    fn an_encoded_password_of_any_special_characters_reads_back() {
        for password in SPECIAL.chars().map(|c| format!("a{c}b")).chain([SPECIAL.to_owned()]) {
            let text = format!("amqp://u:{}@h:1/v", encoded(&password));
            let address = ServerAddress::parse(&text).unwrap();
            assert_eq!(address.password, Some(password));
            assert_eq!((&*address.host, address.port, &*address.path), ("h", Some(1), "v"));
        }
    }

    #[test]
    fn a_raw_special_character_is_taken_as_it_is_or_refused_without_a_word_of_the_secret() {
        for c in SPECIAL.chars() {
            for secret in [format!("sec{c}ret"), format!("12{c}ret"), format!("{c}ret")] {
                match ServerAddress::parse(&format!("amqp://u:{secret}@h/")) {
                    Ok(address) => {
                        assert_eq!(address.password.as_deref(), Some(&*secret), "{c}");
                        assert_eq!((&*address.host, &*address.path), ("h", ""));
                    }
                    Err(wrong) => {
                        assert!("%/?#".contains(c), "{c}: {wrong}");
                        assert!(!wrong.to_string().contains("ret"), "{wrong}");
                    }
                }
            }
        }
    }

    #[test]
    fn hosts_are_names_or_addresses_and_nothing_else_becomes_localhost() {
        for (text, host, port) in [
            ("h", "h", None),
            ("h:", "h", None),
            ("ho%61st:10000", "hoast", Some(10_000)),
            ("127.0.0.1:5672", "127.0.0.1", Some(5672)),
            ("[2001:db8::7]", "2001:db8::7", None),
            ("[::1]:5672", "::1", Some(5672)),
            ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", None),
            ("rabbit_1.my-net", "rabbit_1.my-net", None),
            ("bücher.example", "bücher.example", None),
        ] {
            let address = ServerAddress::parse(&format!("amqp://u:p@{text}/")).unwrap();
            assert_eq!((&*address.host, address.port), (host, port));
        }
        for text in
            ["", ":5672", "[", "[]", "[::1", "[::1]x", "[h]", "::1", "h:0", "h:65536", "h:x", "a,b"]
        {
            assert!(ServerAddress::parse(&format!("amqp://u:p@{text}/")).is_err(), "{text}");
        }
    }

    #[test]
    fn path_and_options_are_decoded() {
        let address = ServerAddress::parse("amqp://h/%2f?heartbeat=3&&x=a%26b").unwrap();
        assert_eq!(address.path, "/");
        let options = [("heartbeat", "3"), ("x", "a&b")];
        assert_eq!(address.options, options.map(|(name, value)| (name.into(), value.into())));
        for text in ["amqp://h/a/b", "amqp://h/a%", "amqp://h/%zz", "amqp://h/%ff", "h", "amqp:h"] {
            assert!(ServerAddress::parse(text).is_err(), "{text}");
        }
    }
}
