//! Where the load is sent.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use load::Endpoint;
use reqwest::Url;
use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::settings::WrongSetting;
use crate::tools::client::{URL, gateway};

/// How long one address may take to be reached.
const CONNECT: Duration = Duration::from_secs(5);

/// The URL of a gateway, which may be away.
pub(super) struct Place {
    url: Url,
}

impl Place {
    /// # Errors
    /// It is no URL of a gateway.
    pub(super) fn new(text: &str) -> Result<Self, WrongSetting> {
        let url = gateway(text)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(URL.wrong("a gateway takes no user and no password; leave them out"));
        }
        Ok(Self { url })
    }

    /// As a user writes it.
    pub(super) fn shown(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// The first of its addresses at which somebody listens.
    ///
    /// # Errors
    /// Nobody does. The text names the URL.
    pub(super) async fn reach(&self) -> Result<Endpoint, String> {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(80);
        let away = |error: io::Error| format!("{}: no connection: {error}", self.shown());
        let mut last = io::Error::other("the name has no address");
        for addr in lookup_host(format!("{host}:{port}")).await.map_err(away)? {
            let endpoint = self.endpoint(addr).map_err(away)?;
            match timeout(CONNECT, endpoint.reach()).await {
                Ok(Ok(())) => return Ok(endpoint),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::Error::other(format!("nothing within {CONNECT:?}")),
            }
        }
        Err(away(last))
    }

    fn endpoint(&self, addr: SocketAddr) -> io::Result<Endpoint> {
        let host = self.url.host_str().unwrap_or_default();
        let shown =
            self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let endpoint = match self.url.scheme() {
            "https" => Endpoint::https(addr, host.trim_matches(['[', ']']))?,
            _ => Endpoint::from(addr),
        };
        let missions = self.url.join("missions").map_err(io::Error::other)?;
        Ok(endpoint.at(&shown, missions.path()))
    }
}
