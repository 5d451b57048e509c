//! Where the broker is: `memory:` or `amqp(s)://…`.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use lapin::uri::{AMQPQueryString, AMQPScheme, AMQPUri};
use schemas::ServerAddress;
use schemas::topology::{QUEUES, Queue, queues};

use crate::nodes::Nodes;
use crate::tls::{self, TlsFiles};

/// The address of a broker.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// The in-process broker of this process.
    Memory,
    /// A RabbitMQ server, or the nodes of a cluster.
    Amqp(Nodes),
}

impl Address {
    /// Every queue, as this broker has them.
    pub fn queues(&self) -> [Queue; QUEUES.len()] {
        queues(matches!(self, Self::Amqp(nodes) if nodes.are_a_cluster()))
    }
}

/// Why a text is no address of a broker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; write memory: or amqp://user:password@host:5672/vhost (amqps:// for TLS; host,host,… for a cluster)"
)]
pub struct WrongAddress(String);

/// The options that an address may have; lapin ignores any other, and so a misspelt one.
const OPTIONS: [&str; 5] =
    ["heartbeat", "frame_max", "channel_max", "connection_timeout", "auth_mechanism"];
/// A dead peer is noticed after twice this many seconds.
const HEARTBEAT: u16 = 10;

impl FromStr for Address {
    type Err = WrongAddress;

    fn from_str(text: &str) -> Result<Self, WrongAddress> {
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        if !text.starts_with("amqp://") && !text.starts_with("amqps://") {
            return Err(WrongAddress("unknown scheme".to_owned()));
        }
        let wrong = |wrong: schemas::WrongServerAddress| WrongAddress(wrong.to_string());
        let (first, others) = ServerAddress::parse_list(text).map_err(wrong)?;
        let tls = TlsFiles::of(first.scheme == "amqps", &first.options);
        let tls = tls.map_err(|why| WrongAddress(why.to_owned()))?;
        let others: Result<_, _> = others.into_iter().map(uri).collect();
        Ok(Self::Amqp(Nodes::new(uri(first)?, others?, tls)))
    }
}

/// An empty virtual host is the default one, `/`: RabbitMQ has none without a name.
fn uri(address: ServerAddress) -> Result<AMQPUri, WrongAddress> {
    let ServerAddress { scheme, user, password, host, port, path, options } = address;
    let mut uri = AMQPUri { query: query(&options)?, ..AMQPUri::default() };
    uri.authority.port = 5672;
    if scheme == "amqps" {
        (uri.scheme, uri.authority.port) = (AMQPScheme::AMQPS, 5671);
    }
    uri.authority.host = host;
    uri.authority.port = port.unwrap_or(uri.authority.port);
    let login = &mut uri.authority.userinfo;
    login.username = user.unwrap_or_else(|| "guest".to_owned());
    login.password = password.unwrap_or_else(|| "guest".to_owned());
    uri.vhost = if path.is_empty() { "/".to_owned() } else { path };
    Ok(uri)
}

/// lapin reads the options; what it says about a wrong one would repeat it.
fn query(options: &[(String, String)]) -> Result<AMQPQueryString, WrongAddress> {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let mut text = String::from("amqp://host/?");
    for (name, value) in options.iter().filter(|(name, _)| !tls::OPTIONS.contains(&&**name)) {
        if !OPTIONS.contains(&name.as_str()) {
            let known = [&OPTIONS[..], &tls::OPTIONS].concat().join(", ");
            return Err(WrongAddress(format!("there is an unknown option: {known} are known")));
        }
        if !plain(value) {
            return Err(WrongAddress(format!("the value of {name} is wrong")));
        }
        text.push_str(&format!("{name}={value}&"));
    }
    let wrong = |_| WrongAddress("the value of an option is wrong".to_owned());
    let mut query = text.parse::<AMQPUri>().map_err(wrong)?.query;
    query.heartbeat.get_or_insert(HEARTBEAT);
    Ok(query)
}

impl Address {
    /// The same, where the authority in this file (PEM) is trusted besides those of the machine, unless the
    /// address names one.
    ///
    /// # Errors
    /// It is not `amqps://`. The text names the fix.
    pub fn trusting(mut self, authority: &Path) -> Result<Self, &'static str> {
        let encrypted = match &mut self {
            Self::Memory => false,
            Self::Amqp(nodes) => nodes.trust(authority),
        };
        if encrypted { Ok(self) } else { Err("an authority needs a broker at amqps://") }
    }

    /// An address for each node.
    pub fn each(&self) -> Vec<Self> {
        match self {
            Self::Memory => vec![Self::Memory],
            Self::Amqp(nodes) => nodes.each().map(Self::Amqp).collect(),
        }
    }
}

/// Without user and password, because addresses are logged.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Amqp(nodes) => fmt::Display::fmt(nodes, f),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_shows_its_password() {
        let address: Address = "amqp://bond:s3cret@localhost:5672/%2f".parse().unwrap();
        assert_eq!(address.to_string(), "amqp://localhost:5672/%2f");
        assert!(!format!("{address:?}").contains("s3cret"));
    }

    #[test]
    fn an_authority_is_trusted_with_tls_only_and_after_the_one_of_the_address() {
        let trusting = |text: &str| text.parse::<Address>().unwrap().trusting(Path::new("/b.pem"));
        for without in ["memory:", "amqp://localhost/"] {
            assert!(trusting(without).is_err_and(|why| why.contains("amqps://")), "{without}");
        }
        let named = |text: &str| text.parse::<Address>().unwrap();
        assert!(trusting("amqps://h/") == Ok(named("amqps://h/?ssl-ca=/b.pem")));
        assert!(trusting("amqps://h/?ssl-ca=/a.pem") == Ok(named("amqps://h/?ssl-ca=/a.pem")));
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_forms_that_are() {
        for text in [
            "",
            "localhost",
            "http://localhost",
            "memory",
            "amqp://localhost:port/",
            "amqp://localhost?hartbeat=3",
            "amqp://localhost?heartbeat=often",
            "amqp://u:sec?ret@localhost/",
            "amqp://u:12?ret@localhost/",
            "amqp://u:sec#ret@localhost/",
            "amqp://u:sec/ret@localhost/",
            "amqp://u:p@2001:db8::7/",
            "amqp://u:sec,ret@a,b,/",
            "amqp://u:secret@a,u:secret@b/",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("memory: or amqp://"), "{error}");
            assert!(!error.contains("ret@") && !error.contains("hartbeat"), "{error}");
        }
    }

    #[test]
    fn an_ipv6_address_is_the_host_and_an_empty_virtual_host_is_the_default_one() {
        for (text, host, port, vhost, shown) in [
            (
                "amqp://u:p@[2001:db8::7]/",
                "2001:db8::7",
                5672,
                "/",
                "amqp://[2001:db8::7]:5672/%2f",
            ),
            ("amqps://[::1]:1/v", "::1", 1, "v", "amqps://[::1]:1/v"),
            ("amqps://h", "h", 5671, "/", "amqps://h:5671/%2f"),
            ("amqp://h/%2f", "h", 5672, "/", "amqp://h:5672/%2f"),
            ("amqp://h/a%2fb", "h", 5672, "a/b", "amqp://h:5672/a/b"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            let Address::Amqp(nodes) = address else { panic!("{text} is no server") };
            let uri = nodes.at(0);
            assert_eq!(
                (&*uri.authority.host, uri.authority.port, &*uri.vhost),
                (host, port, vhost)
            );
        }
    }

    #[test]
    fn the_nodes_of_a_cluster_share_everything_but_their_places() {
        let address: Address = "amqps://u:s3cret@a,b:1,[::1]/v?heartbeat=3".parse().unwrap();
        assert_eq!(address.to_string(), "amqps://a:5671,b:1,[::1]:5671/v");
        let Address::Amqp(nodes) = &address else { panic!("it is no server") };
        assert_eq!((nodes.count(), nodes.user(), nodes.vhost()), (3, "u", "v"));
        for turn in 0..7 {
            let uri = nodes.at(turn);
            assert_eq!(
                (uri.query.heartbeat, &*uri.authority.userinfo.password),
                (Some(3), "s3cret")
            );
            let place = ["a:5671", "b:1", "[::1]:5671"].get(turn as usize % 3).copied().unwrap();
            assert_eq!(nodes.place(turn), place);
        }
        let each: Vec<String> = address.each().iter().map(ToString::to_string).collect();
        assert_eq!(each, ["amqps://a:5671/v", "amqps://b:1/v", "amqps://[::1]:5671/v"]);
    }

    #[test]
    fn heartbeats_are_on_unless_the_address_says_otherwise() {
        let heartbeat = |text: &str| match text.parse().unwrap() {
            Address::Amqp(nodes) => nodes.at(0).query.heartbeat,
            Address::Memory => None,
        };
        assert_eq!(heartbeat("amqp://localhost"), Some(10));
        assert_eq!(heartbeat("amqp://localhost?heartbeat=30"), Some(30));
    }
}
