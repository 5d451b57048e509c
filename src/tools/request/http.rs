//! Asking a gateway: lists of missions by `POST /missions`, a few at a time.
//!
//! Every list has its `Idempotency-Key`, so that one whose answer is lost is simply sent again.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use schemas::Mission;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::End;
use super::answer::{Answer, Refusal};
use super::order::{List, Order};
use super::print::Printer;
use super::tally::Tally;

/// Lists that are asked for at a time.
const AT_ONCE: usize = 4;
/// The largest answer that is read; 256 missions need a good 60 KB.
const MAX_ANSWER: usize = 1 << 20;
/// How long one HTTP request may take; a gateway lets its callers wait for 60 s at most.
const DEADLINE: Duration = Duration::from_secs(75);
const CONNECT: Duration = Duration::from_secs(5);
/// Before it is tried again, where the gateway does not say how long.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks for one list at a time; a cheap clone for each.
#[derive(Clone)]
struct Gateway {
    client: Client,
    missions: Url,
    /// The same without user and password, for what is said.
    shown: String,
    /// Why something is tried again.
    waits: mpsc::Sender<String>,
}

pub(super) async fn ask(url: &Url, order: &Order, tally: &Tally, printer: &Printer) -> End {
    let (waits, mut said) = mpsc::channel(AT_ONCE);
    let gateway = match Gateway::new(url, waits) {
        Ok(gateway) => gateway,
        Err(why) => return End::Refused(why),
    };
    let asking = lists(&gateway, order, tally, printer);
    let saying = async {
        while let Some(why) = said.recv().await {
            tally.waits(why);
        }
        std::future::pending().await
    };
    tokio::select! {
        end = asking => end,
        end = saying => end,
    }
}

/// Asks for list after list, as many at a time as may be, and prints each as it comes.
async fn lists(gateway: &Gateway, order: &Order, tally: &Tally, printer: &Printer) -> End {
    let mut lists = (0..).map_while(|number| order.list(number));
    let (mut open, mut asked) = (JoinSet::new(), 0);
    loop {
        while open.len() < AT_ONCE
            && let Some(list) = lists.next()
        {
            asked += list.count;
            tally.asked(asked);
            let gateway = gateway.clone();
            open.spawn(async move { (list.count, gateway.list(&list).await) });
        }
        tally.held_up(!printer.has_room());
        let Ok(room) = printer.room().await else { return End::Closed };
        tally.held_up(false);
        match open.join_next().await {
            None => return End::Answered,
            Some(Ok((_, Ok(missions)))) => {
                tally.came(missions.len());
                room.send(missions);
            }
            Some(Ok((count, Err(Refusal::OfThese(why))))) => tally.refused(count, why),
            Some(Ok((_, Err(Refusal::OfAll(why))))) => return End::Refused(why),
            Some(Err(panic)) => return End::Refused(panic.to_string()),
        }
    }
}

impl Gateway {
    fn new(url: &Url, waits: mpsc::Sender<String>) -> Result<Self, String> {
        let agent = concat!("spymission/", env!("CARGO_PKG_VERSION"));
        let client = crate::tools::client::builder().user_agent(agent);
        let client = client.timeout(DEADLINE).connect_timeout(CONNECT);
        let client = client.build().map_err(|error| format!("no HTTP client: {error}"))?;
        let missions = url.join("missions").map_err(|error| format!("{url}: {error}"))?;
        let shown = crate::settings::without_passwords(missions.as_str());
        Ok(Self { client, missions, shown, waits })
    }

    /// The missions of one list, however long that takes: whoever waits for us gives up.
    async fn list(&self, list: &List) -> Result<Vec<Mission>, Refusal> {
        let post = self.client.post(self.missions.clone()).header("idempotency-key", &list.key);
        let post = post.json(&json!({ "count": list.count }));
        let mut request = again(&post);
        loop {
            let answer = match self.read(request).await {
                Ok(answer) => answer,
                Err(why) => {
                    self.pause(why, PAUSE).await;
                    request = again(&post);
                    continue;
                }
            };
            let pause = answer.retry_after().unwrap_or(PAUSE);
            match answer.status {
                StatusCode::OK | StatusCode::CREATED => return answer.missions(list),
                StatusCode::ACCEPTED => {
                    tokio::time::sleep(pause).await;
                    request = Some(self.client.get(answer.location(&self.missions)?));
                }
                _ if answer.is_passing() => {
                    self.pause(answer.told(), pause).await;
                    request = again(&post);
                }
                _ => return Err(answer.refusal()),
            }
        }
    }

    /// Sends a request and reads its answer, which is bounded.
    async fn read(&self, request: Option<RequestBuilder>) -> Result<Answer, String> {
        let told = |error: reqwest::Error| format!("{}: {}", self.shown, cause(&error));
        let request = request.ok_or("a request that cannot be sent twice")?;
        let mut response: Response = request.send().await.map_err(told)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(format!("{}: an answer of more than 1 MiB", self.shown));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }

    async fn pause(&self, why: String, pause: Duration) {
        let _ = self.waits.try_send(why); // if it is full, others say the same
        tokio::time::sleep(pause).await;
    }
}

/// The same request once more; one with a body in memory can always be.
fn again(request: &RequestBuilder) -> Option<RequestBuilder> {
    request.try_clone()
}

/// The innermost reason says what happened; those around it only where.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
