//! Where requests go: to the broker or to a gateway.

use std::time::Duration;

use bus::Broker;
use reqwest::Url;

use super::lists::Lists;
use super::outcome::Outcome;
use super::print::Printer;
use super::progress::Progress;
use super::{amqp, http};
use crate::cli::Request;
use crate::settings::{BROKER, BROKER_FILE, Setting, WrongSetting};

/// Where requests go.
pub(super) enum Endpoint {
    Amqp(Broker),
    Http(Url),
}

const URL: Setting = Setting::new("--url", "SPYMISSION_URL");

impl Endpoint {
    /// The endpoint that the settings name. A flag wins over a variable.
    ///
    /// # Errors
    /// None is named, or two are and neither wins, or the one that is named is wrong.
    pub(super) fn new(settings: &Request) -> Result<Self, WrongSetting> {
        let broker = settings.broker.broker.is_some() || settings.broker.broker_file.is_some();
        let broker_flag = BROKER.is_flag() || BROKER_FILE.is_flag();
        match &settings.url {
            Some(_) if broker && URL.is_flag() == broker_flag => {
                Err(URL.wrong("a broker is set, too: use only one of --url and --broker"))
            }
            Some(url) if !broker || URL.is_flag() => gateway(url),
            None if !broker => Err(WrongSetting::new(
                format!("{BROKER} or {URL}"),
                "one is missing: write --broker amqp://user:password@host:5672/vhost, \
                 or --url http://host:8080",
            )),
            _ => Ok(Self::Amqp(settings.broker.connect(settings.broker.shared()?))),
        }
    }

    /// Requests all lists and passes what arrives to the printer.
    pub(super) async fn request(
        &self,
        lists: &Lists,
        progress: &Progress,
        printer: &Printer,
        silence: Duration,
    ) -> Outcome {
        match self {
            Self::Amqp(broker) => amqp::request(broker, lists, progress, printer, silence).await,
            Self::Http(url) => http::request(url, lists, progress, printer).await,
        }
    }
}

/// The URL of a gateway; its resources are below the path of the URL.
fn gateway(text: &str) -> Result<Endpoint, WrongSetting> {
    let wrong = |why: String| URL.wrong(format!("{why}; write http://host:8080"));
    let mut url: Url = text.parse().map_err(|error| wrong(format!("it is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("it is no http:// or https:// address".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("a query or fragment follows its path".to_owned()));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(Endpoint::Http(url))
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
            let Ok(Endpoint::Http(url)) = gateway(text) else { panic!("{text}") };
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
