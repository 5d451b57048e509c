//! Callers over HTTP.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use schemas::{CallerRequest, IdempotencyKey};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::places::Places;
use crate::history::{History, Mission, NO_CONNECTION, Outcome, Told, Way};

/// How long a caller waits for an answer; the gateway's own limit is 10 s.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two requests of one caller.
const PAUSE: Duration = Duration::from_millis(150);
/// How often the same key is asked for again when nothing certain was said.
const TRIES: usize = 20;

/// One caller, who goes from one gateway to the other.
pub(crate) struct Http {
    client: Client,
    gateways: Vec<String>,
    history: Arc<History>,
    number: u32,
    turn: usize,
}

impl Http {
    pub(crate) fn new(number: u32, gateways: Vec<String>, history: Arc<History>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default(); // once is enough
        let client = Client::builder().timeout(PATIENCE).build().unwrap_or_default();
        Self { client, gateways, history, number, turn: number as usize }
    }

    fn gateway(&mut self) -> String {
        self.turn += 1;
        let gateway = self.gateways.get(self.turn % self.gateways.len().max(1));
        gateway.cloned().unwrap_or_default()
    }

    /// One request, written down. `count` above 256 is wrong on purpose.
    pub(crate) async fn ask(&mut self, count: Option<usize>, key: Option<&str>) -> Outcome {
        let began = self.history.now();
        let gateway = self.gateway();
        let post = self.client.post(format!("{gateway}/missions"));
        let post = match count {
            Some(count) => post.json(&json!({ "count": count })),
            None => post,
        };
        let post = key.into_iter().fold(post, |post, key| post.header("idempotency-key", key));
        let outcome = match post.send().await {
            Ok(answer) => read(answer).await,
            Err(error) if error.is_connect() => Outcome::Refused(NO_CONNECTION.to_owned()),
            Err(error) => Outcome::Unknown(error.to_string()),
        };
        let read_back = match &outcome {
            Outcome::Stored(missions) => self.read_back(missions).await,
            _ => None,
        };
        let count = count.unwrap_or(1);
        let ids = key.map(|key| ids_of(key, count)).unwrap_or_default();
        let (key, ended, way) = (key.map(str::to_owned), self.history.now(), Way::Http);
        let (caller, told) = (self.number, outcome.clone());
        self.history.add(Told {
            caller,
            way,
            began,
            ended,
            ids,
            count,
            key,
            read_back,
            outcome: told,
        });
        outcome
    }

    /// Every eighth time: the status with which the other gateway answers a read.
    async fn read_back(&mut self, missions: &[Mission]) -> Option<u16> {
        let mission = missions.first().filter(|_| self.turn.is_multiple_of(8))?;
        let url = format!("{}/missions/{}", self.gateway(), mission.id);
        let answer = self.client.get(url).send().await.ok()?;
        Some(answer.status().as_u16())
    }
}

/// The ids that a key always means.
pub(crate) fn ids_of(key: &str, count: usize) -> Vec<Uuid> {
    let key = key.parse::<IdempotencyKey>();
    let of = |key: IdempotencyKey| CallerRequest::keyed(&key).missions(count).map(|id| id.uuid());
    key.map(|key| of(key).collect()).unwrap_or_default()
}

async fn read(answer: reqwest::Response) -> Outcome {
    let (status, place) = (answer.status(), answer.headers().get("location").cloned());
    let body: Value = match answer.json().await {
        Ok(body) => body,
        Err(error) => return Outcome::Unknown(error.to_string()),
    };
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match status {
        StatusCode::CREATED => {
            let list = body.get("missions").cloned().unwrap_or_else(|| json!([body]));
            serde_json::from_value(list)
                .map_or_else(|e| Outcome::Unknown(e.to_string()), Outcome::Stored)
        }
        StatusCode::ACCEPTED => Outcome::Accepted(
            place.and_then(|place| promised(place.to_str().ok()?)).unwrap_or_default(),
        ),
        StatusCode::CONFLICT => Outcome::Unknown(kind), // the first of the same key still runs
        _ if status.is_client_error() || kind.ends_with("/unavailable") => Outcome::Refused(kind),
        _ => Outcome::Unknown(format!("{status} {kind}")),
    }
}

/// The missions that a `Location` names.
fn promised(location: &str) -> Option<Vec<Uuid>> {
    let (path, query) = location.split_once('?').unwrap_or((location, ""));
    if let Some(id) = path.strip_prefix("/missions/") {
        return Some(vec![id.parse().ok()?]);
    }
    let value = |name| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let request: CallerRequest = value("request")?.parse().ok()?;
    Some(request.missions(value("count")?.parse().ok()?).map(|id| id.uuid()).collect())
}

/// One mission after the other.
pub(super) async fn singles(
    number: u32,
    places: Places,
    history: Arc<History>,
    until: impl Fn() -> bool,
) {
    let mut http = Http::new(number, places.gateways, history);
    while !until() {
        let _ = http.ask(None, None).await;
        sleep(PAUSE).await;
    }
}

/// Lists.
pub(super) async fn lists(
    number: u32,
    places: Places,
    history: Arc<History>,
    until: impl Fn() -> bool,
) {
    let mut http = Http::new(number, places.gateways, history);
    for count in [2, 40, 7, 256].into_iter().cycle() {
        if until() {
            break;
        }
        let _ = http.ask(Some(count), None).await;
        sleep(PAUSE * 3).await;
    }
}

/// Keys: asked for again until something certain is said, and once more after that. Every tenth
/// asks for more than there may be.
pub(super) async fn keys(
    number: u32,
    places: Places,
    history: Arc<History>,
    until: impl Fn() -> bool,
) {
    let mut http = Http::new(number, places.gateways, history);
    for turn in 0_u64.. {
        if until() {
            break;
        }
        let (key, wrong) = (Uuid::new_v4().to_string(), turn % 10 == 9);
        let count = Some(if wrong { 257 } else { 3 });
        for _ in 0..TRIES {
            let outcome = http.ask(count, Some(&key)).await;
            sleep(PAUSE).await;
            if wrong || matches!(outcome, Outcome::Stored(_)) || until() {
                break;
            }
        }
        let _ = http.ask(count, Some(&key)).await;
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_names_the_missions_that_are_promised() {
        let id = "019abc00-1111-7222-8333-444455556600";
        assert_eq!(promised(&format!("/missions/{id}?accepted=7")).unwrap().len(), 1);
        let many = promised(&format!("/missions?request={id}&count=3&accepted=7")).unwrap();
        assert_eq!((many.len(), many[2].as_u128() & 0xff), (3, 2));
    }
}
