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
    fn a_list_of_places_is_an_address_for_each() {
        let read = |places: &str| {
            let text = format!("amqps://u:p,%40@{places}/v?heartbeat=3");
            let (first, others) = ServerAddress::parse_list(&text)?;
            Ok::<_, WrongServerAddress>([vec![first], others].concat())
        };
        let all = read("a,b:5673,[::1],[2001:db8::7]:1").unwrap();
        let places: Vec<_> = all.iter().map(|at| (&*at.host, at.port)).collect();
        let wanted = [("a", None), ("b", Some(5673)), ("::1", None), ("2001:db8::7", Some(1))];
        assert_eq!(places, wanted);
        for at in &all {
            let login = (at.user.as_deref(), at.password.as_deref());
            assert_eq!((login, &*at.path), ((Some("u"), Some("p,@")), "v"));
        }
        assert_eq!(read("a").unwrap().len(), 1);
        assert_eq!(read(&vec!["a"; 16].join(",")).unwrap().len(), 16);
        let many = vec!["a"; 17].join(",");
        for wrong in ["a,", ",a", "a,,b", ",", "a, b", "a,b:0", "a,::1", "a,[::1", "", &many] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let said = |places: &str| read(places).err().unwrap().to_string();
        assert!(
            ["a,", ",a", "a,,b", ","].iter().all(|list| said(list).contains("too many commas"))
        );
        assert!(!said("").contains("too many commas"), "one place is no list");
        assert!([17, 18].iter().all(|n| said(&vec!["a"; *n].join(",")).contains("more than 16")));
    }

    #[test]
    fn a_login_at_each_place_is_refused_without_a_word_of_it() {
        let wrong = ServerAddress::parse_list("amqp://u:s3cret@a,u:s3cret@b/").err().unwrap();
        assert!(wrong.to_string().contains("once"), "{wrong}");
        assert!(!wrong.to_string().contains("s3cret"), "{wrong}");
    }

    #[test]
    fn a_url_has_an_ipv6_address_in_brackets_and_other_hosts_as_they_are() {
        let hosts = ["::1", "10.0.0.1", "db.example.org"].map(ServerAddress::host_in_url);
        assert_eq!(hosts, ["[::1]", "10.0.0.1", "db.example.org"]);
    }

    #[test]
    fn a_space_and_a_control_character_are_refused_for_what_they_are() {
        for text in ["amqp://h /", "amqp://h\u{7}/", "amqp://h\n/"] {
            let said = ServerAddress::parse(text).err().unwrap().to_string();
            assert!(said.contains("a space or a control character"), "{said}");
        }
        let said = ServerAddress::parse("amqp://2001:db8::7/").err().unwrap().to_string();
        assert!(said.contains("write an IPv6 address as ["), "{said}");
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
