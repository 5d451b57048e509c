//! `GET /readyz`: whether this gateway can take requests, and what else it sees.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bus::Why;
use serde::Serialize;
use store::SchemaState;

use crate::representation::json;
use crate::shared::Here;

/// The database is looked at for so long; without an answer it is shown as away.
const LOOK: Duration = Duration::from_secs(1);
/// A confirmed request that waits longer than this shows that workers or persister are silent.
const SILENT: Duration = Duration::from_secs(2);

/// Ready means that the publish channel and the reply queue stand. A silent worker or database is
/// shown, and does not take the gateway out: requests are kept, and are done when it is back.
pub(crate) async fn readyz(State(edge): Here) -> Response {
    #[derive(Serialize)]
    struct Readiness {
        status: &'static str,
        broker: String,
        workers: &'static str,
        database: String,
        replies_dropped: RepliesDropped,
    }
    #[derive(Serialize)]
    struct RepliesDropped {
        late: u64,
        malformed: u64,
    }
    let (ready, broker) = match edge.health.state() {
        bus::State::Up if edge.stop.is_cancelled() => (false, "up; this gateway stops".to_owned()),
        bus::State::Up if edge.correlator.is_stalled() => (false, "takes no messages".to_owned()),
        bus::State::Up => (true, "up".to_owned()),
        bus::State::Degraded(why) => (true, why),
        bus::State::Waiting(why) => (false, why),
    };
    let database = match tokio::time::timeout(LOOK, edge.store.schema()).await {
        Ok(Ok(SchemaState::Current | SchemaState::Newer)) => "up".to_owned(),
        Ok(Ok(SchemaState::Older)) => "its schema is older: run `spymission migrate`".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", LOOK.as_secs()),
    };
    let silent = edge.correlator.longest_wait() > SILENT;
    let workers = if silent { "silent" } else { "answering" };
    let (code, status) = match (ready, silent || database != "up") {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
        (true, true) => (StatusCode::OK, "degraded"),
        (true, false) => (StatusCode::OK, "ready"),
    };
    let dropped = |why| edge.dropped.so_far(why);
    let replies_dropped =
        RepliesDropped { late: dropped(Why::Late), malformed: dropped(Why::Malformed) };
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (code, kind, json(&Readiness { status, broker, workers, database, replies_dropped }))
        .into_response()
}
