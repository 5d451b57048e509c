//! Responses of a gateway.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use schemas::{Mission, Missions, Problem};
use serde::Deserialize;

use super::lists::List;

/// Why a list will not be answered.
pub(super) enum Refusal {
    /// The reason concerns these missions alone.
    OfThese(String),
    /// The request is wrong: other lists would be refused, too.
    OfAll(String),
}

/// A complete response.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Whether a retry may succeed: the gateway is overloaded or away, or a request with the same
    /// key is still running. 502 and 504 come from a proxy.
    pub(super) fn is_temporary(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 409 | 425 | 429 | 502 | 503 | 504)
    }

    /// How long to wait before the next try (`Retry-After`).
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Where an accepted list will be. The address is relative to the URL of the request.
    pub(super) fn location(&self, url: &Url) -> Result<Url, Refusal> {
        let location = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.and_then(|location| url.join(location).ok());
        location.ok_or_else(|| {
            Refusal::OfAll("a 202 without a Location: this is no gateway of spymission".to_owned())
        })
    }

    /// The missions; there must be as many as were requested.
    pub(super) fn missions(&self, list: &List) -> Result<Vec<Mission>, Refusal> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Body {
            Several(Missions),
            One(Box<Mission>),
        }
        let missions = match serde_json::from_slice(&self.body) {
            Ok(Body::Several(body)) => body.missions,
            Ok(Body::One(mission)) => vec![*mission],
            Err(_) => Vec::new(),
        };
        if missions.len() == list.count {
            return Ok(missions);
        }
        let (status, got, wanted) = (self.status, missions.len(), list.count);
        Err(Refusal::OfAll(format!("{status} with {got} missions instead of {wanted}")))
    }

    /// Why the list is refused.
    pub(super) fn refusal(&self) -> Refusal {
        if self.status.is_server_error() {
            Refusal::OfThese(self.description())
        } else {
            Refusal::OfAll(self.description())
        }
    }

    /// The status and the detail of the problem.
    pub(super) fn description(&self) -> String {
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) => format!("{}: {}", self.status, problem.detail()),
            Err(_) => {
                format!("{}, without a problem body: this is no gateway of spymission", self.status)
            }
        }
    }
}
