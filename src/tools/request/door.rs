//! Which of the two doors is asked: the broker, or a gateway.

use std::time::Duration;

use bus::Broker;
use reqwest::Url;

use super::order::Order;
use super::print::Printer;
use super::tally::Tally;
use super::{End, amqp, http};
use crate::cli::Request;
use crate::settings::WrongSetting;

pub(super) enum Door {
    Amqp(Broker),
    Http(Url),
}

const URL: &str = "--url (SPYMISSION_URL)";

impl Door {
    /// The door that is named. A flag wins over a variable; two flags, or two variables, are wrong.
    pub(super) fn new(settings: &Request) -> Result<Self, WrongSetting> {
        let broker_file = settings.broker.broker_file.as_ref().map(|file| file.to_string_lossy());
        let broker = settings.broker.broker.as_deref().or(broker_file.as_deref());
        let flag = |name: &str, value: &str| std::env::var(name).as_deref() != Ok(value);
        let broker_flag = broker
            .map(|value| flag("SPYMISSION_BROKER", value) && flag("SPYMISSION_BROKER_FILE", value));
        let url_flag = settings.url.as_ref().map(|value| flag("SPYMISSION_URL", value));
        match (&settings.url, broker_flag, url_flag) {
            (Some(url), None, _) | (Some(url), Some(false), Some(true)) => gateway(url),
            (Some(_), Some(broker), Some(url)) if broker == url => {
                Err(WrongSetting::new(URL, "there is a --broker too: ask one of them"))
            }
            (None, None, _) => Err(WrongSetting::new(
                "--broker (SPYMISSION_BROKER) or --url (SPYMISSION_URL)",
                "one is missing: write --broker amqp://user:password@host:5672/vhost, \
                 or --url http://host:8080",
            )),
            _ => Ok(Self::Amqp(Broker::new(settings.broker.shared()?))),
        }
    }

    /// Asks for the whole order and hands to the printer what comes.
    pub(super) async fn ask(
        &self,
        order: &Order,
        tally: &Tally,
        printer: &Printer,
        silence: Duration,
    ) -> End {
        match self {
            Self::Amqp(broker) => amqp::ask(broker, order, tally, printer, silence).await,
            Self::Http(url) => http::ask(url, order, tally, printer).await,
        }
    }
}

/// The address of a gateway; what is behind its path is found below it.
fn gateway(text: &str) -> Result<Door, WrongSetting> {
    let wrong = |why: String| WrongSetting::new(URL, format!("{why}; write http://host:8080"));
    let mut url: Url = text.parse().map_err(|error| wrong(format!("no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("no http:// or https:// address".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("there is something behind its path".to_owned()));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(Door::Http(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_may_be_behind_a_path() {
        for (text, missions) in [
            ("http://localhost:8080", "http://localhost:8080/missions"),
            ("https://spies.example/v1", "https://spies.example/v1/missions"),
        ] {
            let Ok(Door::Http(url)) = gateway(text) else { panic!("{text}") };
            assert_eq!(url.join("missions").unwrap().as_str(), missions);
        }
    }

    #[test]
    fn what_is_no_address_of_a_gateway_is_refused() {
        for text in ["localhost:8080", "ftp://localhost", "", "http://", "http://x/?count=3"] {
            let wrong = gateway(text).map(drop).unwrap_err().to_string();
            assert!(wrong.contains("--url") && wrong.contains("http://host:8080"), "{wrong}");
        }
    }
}
