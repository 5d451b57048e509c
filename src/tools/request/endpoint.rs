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
use crate::settings::{BROKER, BROKER_FILE, WrongSetting};
use crate::tools::client::{URL, gateway};

/// Where requests go.
pub(super) enum Endpoint {
    Amqp(Broker),
    Http(Url),
}

impl Endpoint {
    /// The endpoint that the settings name. A flag wins over a variable. When none is named, it is the
    /// gateway of this machine.
    ///
    /// # Errors
    /// Two are named and neither wins, or the one that is named is wrong.
    pub(super) fn new(settings: &Request) -> Result<Self, WrongSetting> {
        let broker = settings.broker.broker.is_some() || settings.broker.broker_file.is_some();
        let broker_flag = BROKER.is_flag() || BROKER_FILE.is_flag();
        match &settings.url {
            Some(_) if broker && URL.is_flag() == broker_flag => {
                Err(URL.wrong("a broker is set, too: use only one of --url and --broker"))
            }
            Some(url) if !broker || URL.is_flag() => Ok(Self::Http(gateway(url)?)),
            None if !broker => Ok(Self::Http(gateway(&format!("http://{}", settings.at.listen))?)),
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
