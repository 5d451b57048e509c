//! What a process is and how it does: every process publishes it every two seconds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{CreatedAt, Role};

/// The status of one process: what it is and how it does. Readers ignore members that a newer
/// version adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Its role.
    pub role: Role,
    /// Its name, as in `number.<uuid>`. A process has another one after each start.
    pub instance: String,
    /// Its version of spymission.
    pub version: String,
    /// When it started: RFC 3339, UTC, on its own clock.
    pub since: CreatedAt,
    /// The node of the broker that it uses, `host:port`; absent where the broker is in its process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker: Option<String>,
    /// How its session with the broker is.
    pub session: Session,
    /// What it waits for, or why it has no session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Totals since it started, by name.
    #[serde(default, deserialize_with = "whole_numbers")]
    pub counters: BTreeMap<String, u64>,
    /// What is so much at this moment, by name.
    #[serde(default, deserialize_with = "whole_numbers")]
    pub gauges: BTreeMap<String, u64>,
    /// How long it took lately over one batch, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Quantiles>,
    /// How many missions there were lately in one batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Quantiles>,
}

/// Those members that are whole numbers: a newer version may have others.
fn whole_numbers<'de, D>(deserializer: D) -> Result<BTreeMap<String, u64>, D::Error>
where
    D: Deserializer<'de>,
{
    let members = BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
    let numbers = members.into_iter().filter_map(|(name, value)| Some((name, value.as_u64()?)));
    Ok(numbers.collect())
}

/// How the session of a process with the broker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Session {
    /// It is connected and at work.
    Up,
    /// It is at work while something is missing: `why` says what.
    Degraded,
    /// It is not at work: `why` says why.
    Waiting,
    /// It was told to stop, and finishes its work.
    Stopping,
    /// It has ended. This is its last status.
    Left,
}

/// The middle of some values, and the value that one of a hundred exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quantiles {
    /// Half of the values are at most this.
    pub p50: u64,
    /// 99 of 100 values are at most this.
    pub p99: u64,
}

impl Status {
    /// The counter of the missions that the process has finished.
    pub const MISSIONS: &str = "missions";
    /// The gauge of the missions that the process works on; of a gateway, those that callers wait
    /// for.
    pub const IN_FLIGHT: &str = "in_flight";
    /// How often a process publishes its status, in seconds.
    pub const EVERY: u64 = 2;
    /// A process that was silent for so many seconds is gone.
    pub const GONE: u64 = 10;
    /// A larger body is not read.
    pub const MAX_BODY: usize = 16 * 1024;
    /// The most characters of each text; longer ones are cut off when they are read.
    pub const LONGEST: usize = 300;

    /// The status of a process that has just started.
    pub fn new(role: Role, instance: &str, since: CreatedAt) -> Self {
        Self {
            role,
            instance: instance.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since,
            broker: None,
            session: Session::Waiting,
            why: None,
            counters: BTreeMap::new(),
            gauges: BTreeMap::new(),
            latency: None,
            batch: None,
        }
    }

    /// Reads a status. Anybody may publish one, so every text and list has a bound.
    ///
    /// # Errors
    /// It is no status, or too large.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        if body.len() > Self::MAX_BODY {
            return Err(format!("{} bytes: at most {}", body.len(), Self::MAX_BODY));
        }
        let mut status: Self = serde_json::from_slice(body).map_err(|wrong| wrong.to_string())?;
        let texts = [&mut status.instance, &mut status.version];
        let others = status.why.as_mut().into_iter().chain(status.broker.as_mut());
        for text in texts.into_iter().chain(others) {
            let end = text.floor_char_boundary(Self::LONGEST);
            text.truncate(end);
        }
        Ok(status)
    }

    /// The example of the documents.
    pub(crate) fn example() -> Self {
        let instance = "decider.7f1b3a52-54d1-4c39-9f3e-2a63a1f0c6de";
        Self {
            broker: Some("rabbit-2:5672".to_owned()),
            session: Session::Degraded,
            why: Some("waiting for: letter".to_owned()),
            counters: [(Self::MISSIONS.to_owned(), 40_712)].into(),
            gauges: [(Self::IN_FLIGHT.to_owned(), 37)].into(),
            latency: Some(Quantiles { p50: 3_100, p99: 11_800 }),
            batch: Some(Quantiles { p50: 12, p99: 60 }),
            ..Self::new(Role::Decider, instance, crate::Mission::example().created_at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_back_and_members_of_a_newer_version_are_ignored() {
        let status = Status::example();
        let mut json = serde_json::to_value(&status).unwrap();
        json["mood"] = "fine".into();
        assert_eq!(Status::parse(json.to_string().as_bytes()), Ok(status));
        let least = r#"{"role":"letter","instance":"letter.1","version":"2.0.0",
            "since":"2026-11-22T13:24:51Z","session":"up"}"#;
        assert_eq!(Status::parse(least.as_bytes()).unwrap().counters.len(), 0);
    }

    #[test]
    fn a_status_of_anybody_stays_within_bounds() {
        let mut status = Status::example();
        status.why = Some("\u{1f575}".repeat(1_000));
        let read = Status::parse(&serde_json::to_vec(&status).unwrap()).unwrap();
        assert_eq!(read.why.map(|why| why.len()), Some(300));
        status.broker = Some("x".repeat(1_000));
        let read = Status::parse(&serde_json::to_vec(&status).unwrap()).unwrap();
        assert_eq!(read.broker.map(|broker| broker.len()), Some(300));
        status.instance = "x".repeat(Status::MAX_BODY);
        assert!(Status::parse(&serde_json::to_vec(&status).unwrap()).is_err());
        assert!(Status::parse(br#"{"role":"spy"}"#).is_err());
    }
}
