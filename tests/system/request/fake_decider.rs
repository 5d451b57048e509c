//! A decider that replies what the test says.

use futures_util::StreamExt;
use lapin::{BasicProperties, Consumer};
use serde_json::json;
use uuid::Uuid;

use crate::caller::Caller;
use crate::system::{DEADLINE, System};

/// Takes every request and decides nothing by itself.
pub struct FakeDecider {
    caller: Caller,
    requests: Consumer,
}

/// A request.
pub struct Asked {
    pub missions: Vec<Uuid>,
    reply_to: String,
    correlation_id: String,
}

impl FakeDecider {
    pub async fn take_requests(system: &System) -> Self {
        let caller = Caller::connect(system).await;
        let requests = caller.consume("mission.requests").await;
        Self { caller, requests }
    }

    /// The next request.
    pub async fn request(&mut self) -> Asked {
        let waiting = tokio::time::timeout(DEADLINE, self.requests.next());
        let request = waiting.await.expect("a request in time").unwrap().unwrap();
        let body: serde_json::Value = serde_json::from_slice(&request.data).unwrap();
        let (reply_to, asked) =
            (request.properties.reply_to(), request.properties.correlation_id());
        let [reply_to, correlation_id] =
            [reply_to, asked].map(|text| text.as_ref().unwrap().to_string());
        let missions = serde_json::from_value(body["missions"].clone()).unwrap();
        Asked { missions, reply_to, correlation_id }
    }

    /// Replies with these missions.
    pub async fn missions(&self, asked: &Asked, ids: &[Uuid]) {
        let mission = |id: &Uuid| {
            json!({
                "id": id, "dossier": "19 z 19 n 3 p 7 d 3 l 10 f", "casebook": "malory",
                "objective": "Steal the DB_URI from", "target": "the flask developer",
                "created_at": "2026-11-22T14:07:37.171589Z",
            })
        };
        let missions: Vec<_> = ids.iter().map(mission).collect();
        self.say(asked, "missions", &json!({ "missions": missions }).to_string()).await;
    }

    /// Replies with this body.
    pub async fn say(&self, asked: &Asked, kind: &str, body: &str) {
        let properties = BasicProperties::default()
            .with_type(kind.into())
            .with_correlation_id(asked.correlation_id.as_str().into());
        let (exchange, body) = ("mission.replies", body.as_bytes());
        let confirm = self.caller.send(exchange, &asked.reply_to, properties, body).await;
        assert!(confirm.await.unwrap().is_ack());
    }
}
