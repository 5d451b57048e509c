//! Requests to a gateway: lists of missions by `POST /missions`, a few at a time.
//!
//! Each list has its `Idempotency-Key`, so a list whose response is lost is simply sent again.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use schemas::Mission;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::lists::{List, Lists};
use super::outcome::Outcome;
use super::print::Printer;
use super::progress::Progress;
use super::reply::{Refusal, Reply};

/// How many lists are requested at a time.
const AT_ONCE: usize = 4;
/// The most bytes of a response that are read; 256 missions need about 60 KB.
const MAX_RESPONSE: usize = 1 << 20;
/// How long one HTTP request may take; a gateway lets its callers wait for 60 s at most.
const DEADLINE: Duration = Duration::from_secs(75);
const CONNECT: Duration = Duration::from_secs(5);
/// How long to wait before a retry when the gateway does not say.
const PAUSE: Duration = Duration::from_secs(1);

/// A gateway; cheap to clone.
#[derive(Clone)]
struct Gateway {
    client: Client,
    missions: Url,
    /// The same without user and password, for messages.
    shown: String,
    /// Receives the reason for each retry.
    retries: mpsc::Sender<String>,
}

pub(super) async fn request(
    url: &Url,
    lists: &Lists,
    progress: &Progress,
    printer: &Printer,
) -> Outcome {
    let (retries, mut reasons) = mpsc::channel(AT_ONCE);
    let gateway = match Gateway::new(url, retries) {
        Ok(gateway) => gateway,
        Err(why) => return Outcome::Refused(why),
    };
    let requesting = request_all(&gateway, lists, progress, printer);
    let showing = async {
        while let Some(why) = reasons.recv().await {
            progress.waiting_for(why);
        }
        std::future::pending().await
    };
    tokio::select! {
        outcome = requesting => outcome,
        outcome = showing => outcome,
    }
}

/// Requests all lists, a few at a time, and prints each as it arrives.
async fn request_all(
    gateway: &Gateway,
    lists: &Lists,
    progress: &Progress,
    printer: &Printer,
) -> Outcome {
    let mut remaining = (0..).map_while(|number| lists.list(number));
    let (mut open, mut requested) = (JoinSet::new(), 0);
    loop {
        while open.len() < AT_ONCE
            && let Some(list) = remaining.next()
        {
            requested += list.count;
            progress.requested(requested);
            let gateway = gateway.clone();
            open.spawn(async move { (list.count, gateway.list(&list).await) });
        }
        progress.printer_is_full(!printer.has_capacity());
        let Ok(slot) = printer.reserve().await else { return Outcome::Closed };
        progress.printer_is_full(false);
        match open.join_next().await {
            None => return Outcome::Answered,
            Some(Ok((_, Ok(missions)))) => {
                progress.arrived(missions.len());
                slot.send(missions);
            }
            Some(Ok((count, Err(Refusal::OfThese(why))))) => progress.refused(count, why),
            Some(Ok((_, Err(Refusal::OfAll(why))))) => return Outcome::Refused(why),
            Some(Err(panic)) => return Outcome::Refused(panic.to_string()),
        }
    }
}

impl Gateway {
    fn new(url: &Url, retries: mpsc::Sender<String>) -> Result<Self, String> {
        let agent = concat!("spymission/", env!("CARGO_PKG_VERSION"));
        let client = crate::tools::client::builder().user_agent(agent);
        let client = client.timeout(DEADLINE).connect_timeout(CONNECT);
        let client = client.build().map_err(|error| format!("no HTTP client: {error}"))?;
        let missions = url.join("missions").map_err(|error| format!("{url}: {error}"))?;
        let shown = crate::settings::without_passwords(missions.as_str());
        Ok(Self { client, missions, shown, retries })
    }

    /// Requests one list until it is answered, however long that takes. The caller gives up.
    async fn list(&self, list: &List) -> Result<Vec<Mission>, Refusal> {
        let post = self.client.post(self.missions.clone()).header("idempotency-key", &list.key);
        let post = post.json(&json!({ "count": list.count }));
        let mut request = copy(&post);
        loop {
            let reply = match self.read(request).await {
                Ok(reply) => reply,
                Err(why) => {
                    self.pause(why, PAUSE).await;
                    request = copy(&post);
                    continue;
                }
            };
            let pause = reply.retry_after().unwrap_or(PAUSE);
            match reply.status {
                StatusCode::OK | StatusCode::CREATED => return reply.missions(list),
                StatusCode::ACCEPTED => {
                    tokio::time::sleep(pause).await;
                    request = Some(self.client.get(reply.location(&self.missions)?));
                }
                _ if reply.is_temporary() => {
                    self.pause(reply.description(), pause).await;
                    request = copy(&post);
                }
                _ => return Err(reply.refusal()),
            }
        }
    }

    /// Sends a request and reads its response, up to a bound.
    async fn read(&self, request: Option<RequestBuilder>) -> Result<Reply, String> {
        let describe = |error: reqwest::Error| format!("{}: {}", self.shown, cause(&error));
        let request = request.ok_or("the request cannot be sent again")?;
        let mut response: Response = request.send().await.map_err(describe)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(describe)? {
            if body.len() + chunk.len() > MAX_RESPONSE {
                return Err(format!("{}: the response has more than 1 MiB", self.shown));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }

    async fn pause(&self, why: String, pause: Duration) {
        let _ = self.retries.try_send(why); // if it is full, others report the same
        tokio::time::sleep(pause).await;
    }
}

/// A copy of the request to be sent; its body is in memory, so it can always be copied.
fn copy(request: &RequestBuilder) -> Option<RequestBuilder> {
    request.try_clone()
}

/// The innermost cause, which says what happened; the outer ones only say where.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
