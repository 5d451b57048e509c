//! The address of a server as an operator writes it. Broker and database share this parser.

use std::net::Ipv6Addr;

use crate::percent;

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
    /// The most places in a list.
    pub const MOST_PLACES: usize = 16;

    /// Reads an address.
    ///
    /// # Errors
    /// The text is not an address.
    pub fn parse(text: &str) -> Result<Self, WrongServerAddress> {
        Pieces::of(text)?.read()
    }

    /// Reads an address with several places, `user:password@a,b:5673,[::1]/path`: one address for each
    /// place, the first one apart. They differ in host and port alone.
    ///
    /// # Errors
    /// The text is not an address, or it has more than [`MOST_PLACES`](Self::MOST_PLACES).
    pub fn parse_list(text: &str) -> Result<(Self, Vec<Self>), WrongServerAddress> {
        let pieces = Pieces::of(text)?;
        let begun_again =
            |login: &str| login.rsplit_once('@').is_some_and(|(_, l)| l.contains(','));
        if pieces.login.is_some_and(begun_again) {
            return Err(WrongServerAddress(
                "there is an @ before a comma and another one behind it: write user and password once, \
                 before the first host; in a password write @ as %40",
            ));
        }
        let places: Vec<&str> = pieces.place.split(',').collect();
        if places.len() > 1 && places.contains(&"") {
            return Err(WrongServerAddress(
                "the list of hosts has an empty place: too many commas",
            ));
        }
        if places.len() > Self::MOST_PLACES {
            return Err(WrongServerAddress("the list of hosts has more than 16 places"));
        }
        let mut addresses = places.into_iter().map(|place| Pieces { place, ..pieces }.read());
        let first = addresses.next().unwrap_or_else(|| pieces.read())?;
        Ok((first, addresses.collect::<Result<_, _>>()?))
    }

    /// The host in the form that a URL has: an IPv6 address in brackets.
    pub fn host_in_url(host: &str) -> String {
        if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
    }
}

/// The pieces of an address as they are in the text.
#[derive(Clone, Copy)]
struct Pieces<'a> {
    scheme: &'a str,
    login: Option<&'a str>,
    place: &'a str,
    tail: &'a str,
}

impl<'a> Pieces<'a> {
    fn of(text: &'a str) -> Result<Self, Wrong> {
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
        Ok(Self { scheme, login, place, tail })
    }

    fn read(self) -> Result<ServerAddress, Wrong> {
        let login = self.login.map(|login| login.split_once(':').unwrap_or((login, "")));
        let (user, password) = match login {
            Some((user, "")) => (Some(decoded(user)?), None),
            Some((user, password)) => (Some(decoded(user)?), Some(decoded(password)?)),
            None => (None, None),
        };
        let (host, port) = host_and_port(self.place)?;
        let (path, query) = self.tail.split_once('?').unwrap_or((self.tail, ""));
        let user = user.filter(|user| !user.is_empty());
        let (scheme, path, options) = (self.scheme.to_owned(), path_of(path)?, options(query)?);
        Ok(ServerAddress { scheme, user, password, host, port, path, options })
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

fn decoded(text: &str) -> Result<String, Wrong> {
    percent::decoded(text).map_err(WrongServerAddress)
}

#[cfg(test)]
mod tests;
