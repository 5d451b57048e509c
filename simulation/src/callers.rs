//! Callers: they make the requests of a schedule, and what they are told is judged at once.

use std::sync::Arc;
use std::time::Duration;

use gateway::{Answer, Call};
use schemas::MissionId;
use tokio::sync::oneshot;
use tokio::time::{sleep, sleep_until, timeout};

use crate::foreign;
use crate::request::{How, Http, Planned};
use crate::rows::stands;
use crate::system::System;
use crate::told::Told;

/// What became of one request.
pub(crate) struct Made {
    pub(crate) planned: Planned,
    pub(crate) told: Vec<Told>,
}

/// Makes a request when its time has come.
pub(crate) async fn make(
    system: Arc<System>,
    planned: Planned,
    begun: tokio::time::Instant,
) -> Made {
    sleep_until(begun + planned.at).await;
    let told = match &planned.how {
        How::Http(http) => over_http(&system, &planned, http).await,
        How::Amqp(amqp) => foreign::ask(&system, &planned, amqp).await,
    };
    Made { planned, told }
}

async fn over_http(system: &System, planned: &Planned, http: &Http) -> Vec<Told> {
    let mut all = Vec::new();
    for _ in 0..=http.repeats {
        let told = post(system, planned, http).await;
        system.world.note(|| format!("request {} is told {told:?}", planned.number));
        let done = matches!(told, Told::Created(_)) || !http.keyed;
        all.push(told);
        if done {
            break;
        }
        sleep(Duration::from_millis(1_500)).await;
    }
    all
}

/// Posts a request once, and judges what is told.
pub(crate) async fn post(system: &System, planned: &Planned, http: &Http) -> Told {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if http.keyed {
        headers.push(("idempotency-key", format!("\"{}\"", planned.key())));
    }
    headers.extend(http.wait.map(|wait| ("prefer", format!("wait={wait}"))));
    let body = match planned.missions {
        _ if http.bad => "{\"count\":0}".to_owned(),
        1 => "{}".to_owned(),
        count => format!("{{\"count\":{count}}}"),
    };
    let answer = call(system, http.gateway, "POST", "/missions", headers, body.into_bytes());
    let answer = match http.hangs_up {
        Some(after) => timeout(after, answer).await.unwrap_or(Err(Told::Unknown)),
        None => answer.await,
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(told) => return told,
    };
    let status = answer.status();
    let body = answer.body().await;
    match Told::of(status, &body) {
        Ok(told) => {
            if let Told::Created(missions) = &told {
                created(system, &planned.ids(), planned.missions, missions);
            }
            told
        }
        Err(what) => {
            system.world.breach("I4 truth of reply", format!("a gateway says {what}"));
            Told::Unknown
        }
    }
}

/// Sends a request to a gateway.
///
/// # Errors
/// There is no answer: what the caller knows then.
pub(crate) async fn call(
    system: &System,
    gateway: usize,
    method: &'static str,
    path: &str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
) -> Result<Answer, Told> {
    let calls = system.gateway(gateway).ok_or(Told::Nothing)?;
    let (caller, answer) = oneshot::channel();
    let call = Call { method, path: path.to_owned(), headers, body, caller };
    calls.send(call).await.map_err(|_| Told::Nothing)?;
    answer.await.map_err(|_| Told::Unknown)
}

/// Judges missions that a caller was told of.
pub(crate) fn created(
    system: &System,
    ids: &[MissionId],
    count: usize,
    missions: &[schemas::Mission],
) {
    let world = &system.world;
    let told: Vec<_> = missions.iter().map(|mission| mission.id).collect();
    if told.len() != count || (!ids.is_empty() && told != ids) {
        world.breach("I6 no crossing", format!("asked for {ids:?} and got {told:?}"));
    }
    stands(system, missions);
}
