//! What the edge allows, and to whom.

use crate::edge::client::Proxies;
use crate::edge::cors::Origins;
use crate::edge::rate::Rate;

/// What the edge allows, and to whom.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at a time, 1 or more; one client that is no trusted proxy has at most a quarter
    /// of them.
    pub connections: usize,
    /// How many missions one client may request; `None` for no limit.
    pub rate: Option<Rate>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub proxies: Proxies,
    /// The other origins whose pages may call the gateway; `None` for none.
    pub origins: Option<Origins>,
}

impl Limits {
    /// Connections at a time, by default.
    pub const CONNECTIONS: usize = 4_096;

    /// Logs what is on; `connections` is how many the file descriptors allow.
    pub(crate) fn tell(&self, connections: usize) {
        let shown = |on: Option<String>| on.filter(|on| !on.is_empty()).unwrap_or("off".to_owned());
        tracing::debug!(
            connections,
            rate = shown(self.rate.map(|rate| rate.to_string())),
            cors = shown(self.origins.as_ref().map(ToString::to_string)),
            trusted_proxies = shown(Some(self.proxies.to_string())),
            "limits"
        );
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: Self::CONNECTIONS,
            rate: None,
            proxies: Proxies::default(),
            origins: None,
        }
    }
}
