//! What a gateway answers.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use schemas::{Mission, Missions, Problem};
use serde::Deserialize;

use super::order::List;

/// A list that will not be answered.
pub(super) enum Refusal {
    /// These missions will not be; others may.
    OfThese(String),
    /// We ask wrongly: others would be refused, too.
    OfAll(String),
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Whether another try may be answered: too many at once, away, or the list is still on its way
    /// under its key. A proxy says 502 and 504, too.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 409 | 425 | 429 | 502 | 503 | 504)
    }

    /// How long the gateway wants to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Where an accepted list will stand; relative to what was asked.
    pub(super) fn location(&self, asked: &Url) -> Result<Url, Refusal> {
        let location = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.and_then(|location| asked.join(location).ok());
        location.ok_or_else(|| Refusal::OfAll("a 202 without a Location: no spymission".to_owned()))
    }

    /// The missions, which must be as many as were asked for.
    pub(super) fn missions(&self, list: &List) -> Result<Vec<Mission>, Refusal> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Told {
            Several(Missions),
            One(Box<Mission>),
        }
        let missions = match serde_json::from_slice(&self.body) {
            Ok(Told::Several(told)) => told.missions,
            Ok(Told::One(mission)) => vec![*mission],
            Err(_) => Vec::new(),
        };
        if missions.len() == list.count {
            return Ok(missions);
        }
        let (status, got, wanted) = (self.status, missions.len(), list.count);
        Err(Refusal::OfAll(format!("{status} with {got} missions instead of {wanted}")))
    }

    pub(super) fn refusal(&self) -> Refusal {
        if self.status.is_server_error() {
            Refusal::OfThese(self.told())
        } else {
            Refusal::OfAll(self.told())
        }
    }

    /// The status and what the problem says in detail.
    pub(super) fn told(&self) -> String {
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) => format!("{}: {}", self.status, problem.detail()),
            Err(_) => format!("{}, and nothing that spymission would say", self.status),
        }
    }
}
