//! A listener of `/missions/events`.

use std::collections::HashSet;

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::time::timeout;
use uuid::Uuid;

use crate::http::request;
use crate::system::{DEADLINE, id};

/// A stream of events, as a browser reads it.
pub struct Stream {
    pub answer: Response,
    text: String,
    /// The last `id`.
    pub last: String,
}

impl Stream {
    /// Listens from now.
    pub async fn open(gateway: &str) -> Self {
        Self::from(listen(gateway)).await
    }

    /// Resumes where another stream ended.
    pub async fn resume(gateway: &str, last: &str) -> Self {
        Self::from(listen(gateway).header("last-event-id", last)).await
    }

    pub async fn from(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        Self { answer, text: String::new(), last: String::new() }
    }

    /// The next block of lines; `None` when the stream has ended, with or without an error.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                return Some(std::mem::replace(&mut self.text, rest));
            }
            let chunk = self.answer.chunk().await;
            self.text.push_str(std::str::from_utf8(&chunk.ok().flatten()?).unwrap());
        }
    }

    /// The next mission. Comments that only keep the stream open are skipped.
    pub async fn mission(&mut self) -> Option<Value> {
        timeout(DEADLINE, self.next_mission()).await.expect("a mission in time")
    }

    async fn next_mission(&mut self) -> Option<Value> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            if let Some(id) = field("id: ") {
                id.clone_into(&mut self.last);
            }
            if let Some(data) = field("data: ") {
                assert_eq!(field("event: "), Some("mission.created"));
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// Reads until all these missions were received; returns all that were received.
    pub async fn until(&mut self, wanted: &HashSet<Uuid>) -> HashSet<Uuid> {
        let mut told = HashSet::new();
        let mut missing = wanted.clone();
        while !missing.is_empty() {
            let mission = self.mission().await.expect("a stream that goes on");
            missing.remove(&id(&mission));
            told.insert(id(&mission));
        }
        told
    }
}

/// A request to listen.
pub fn listen(gateway: &str) -> RequestBuilder {
    request("GET", &format!("{gateway}/missions/events"))
}
