//! Where the broker is: `memory:` or `amqp(s)://…`.

use std::fmt;
use std::str::FromStr;

use lapin::uri::{AMQPScheme, AMQPUri};

/// The address of a broker.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// The in-process broker of this process.
    Memory,
    /// A RabbitMQ server.
    Amqp(Box<AMQPUri>),
}

/// Why a text is no address of a broker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write memory: or amqp://user:password@host:5672/vhost (amqps:// for TLS)")]
pub struct WrongAddress(String);

/// The options that an address may have; lapin passes over any other, and so over a misspelt one.
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
        unknown_option(text).map_or(Ok(()), |option| {
            let known = OPTIONS.join(", ");
            Err(WrongAddress(format!("unknown option {option:?}: there are {known}")))
        })?;
        let mut uri: AMQPUri = text.parse().map_err(WrongAddress)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        Ok(Self::Amqp(Box::new(uri)))
    }
}

fn unknown_option(text: &str) -> Option<&str> {
    let (_, query) = text.split_once('?')?;
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    names.into_iter().find(|name| !name.is_empty() && !OPTIONS.contains(name))
}

/// Without user and password: addresses go into logs.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Amqp(uri) => {
                let scheme = if uri.scheme == AMQPScheme::AMQPS { "amqps" } else { "amqp" };
                let vhost = if uri.vhost == "/" { "%2f" } else { &uri.vhost };
                write!(f, "{scheme}://{}:{}/{vhost}", uri.authority.host, uri.authority.port)
            }
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
    fn what_is_no_address_is_refused_with_the_forms_that_are() {
        for text in [
            "",
            "localhost",
            "http://localhost",
            "memory",
            "amqp://localhost:port/",
            "amqp://localhost?hartbeat=3",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("memory: or amqp://"), "{error}");
        }
    }

    #[test]
    fn heartbeats_are_on_unless_the_address_says_otherwise() {
        let heartbeat = |text: &str| match text.parse().unwrap() {
            Address::Amqp(uri) => uri.query.heartbeat,
            Address::Memory => None,
        };
        assert_eq!(heartbeat("amqp://localhost"), Some(10));
        assert_eq!(heartbeat("amqp://localhost?heartbeat=30"), Some(30));
    }
}
