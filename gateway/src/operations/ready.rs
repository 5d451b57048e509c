//! `GET /readyz`: whether this gateway can take requests, and what else it sees.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bus::Why;
use schemas::http::{self, RepliesDropped, Status, Workers};
use store::{Error, SchemaState};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::representation::json;
use crate::shared::Shared;

/// How long a look at the database may take. Without an answer it is shown as away.
const LOOK: Duration = Duration::from_secs(1);
/// How long a look counts: so often, and no oftener, callers of `/readyz` cost the database a query.
const FRESH: Duration = Duration::from_secs(1);
/// A confirmed request that waits longer than this shows that workers or persister are silent.
const SILENT: Duration = Duration::from_secs(2);

/// What the database's part of the answer says when all is well.
const UP: &str = "up";

/// Answers `/readyz`. Ready means that requests can be published and replies be received. Silent
/// workers or a silent database are shown, and the gateway stays ready: requests are kept, and are
/// done when both are back.
pub(crate) struct Readiness {
    shared: Arc<Shared>,
    /// What was seen last. One caller looks at a time; the others wait for what it sees.
    seen: Mutex<Option<Seen>>,
}

/// What costs something to look at.
#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    database: &'static str,
    silent: bool,
}

impl Readiness {
    /// Of this gateway.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, seen: Mutex::new(None) }
    }

    /// The answer.
    pub(crate) async fn response(&self) -> Response {
        let (ready, broker) = self.broker();
        let Seen { database, silent, .. } = self.seen().await;
        let (code, status) = match (ready, silent || database != UP) {
            (false, _) => (StatusCode::SERVICE_UNAVAILABLE, Status::NotReady),
            (true, true) => (StatusCode::OK, Status::Degraded),
            (true, false) => (StatusCode::OK, Status::Ready),
        };
        let workers = if silent { Workers::Silent } else { Workers::Answering };
        let dropped = |why| self.shared.dropped.so_far(why);
        let replies_dropped =
            RepliesDropped { late: dropped(Why::Late), malformed: dropped(Why::Malformed) };
        let (broker, database) = (broker.into(), database.into());
        let report = http::Readiness { status, broker, workers, database, replies_dropped };
        (code, [(header::CONTENT_TYPE, "application/json")], json(&report)).into_response()
    }

    /// Whether requests can be published, and why not.
    fn broker(&self) -> (bool, String) {
        match self.shared.health.state() {
            bus::State::Up if self.shared.stop.is_cancelled() => {
                (false, "up; this gateway stops".to_owned())
            }
            bus::State::Up if self.shared.correlator.is_stalled() => {
                (false, "takes no messages".to_owned())
            }
            bus::State::Up => (true, "up".to_owned()),
            bus::State::Degraded(why) => (true, why),
            bus::State::Waiting(why) => (false, why),
        }
    }

    /// What was seen within the last second.
    async fn seen(&self) -> Seen {
        let mut seen = self.seen.lock().await;
        match *seen {
            Some(last) if last.at.elapsed() < FRESH => last,
            _ => *seen.insert(self.look().await),
        }
    }

    async fn look(&self) -> Seen {
        let database = match tokio::time::timeout(LOOK, self.shared.store.schema()).await {
            Ok(Ok(SchemaState::Current | SchemaState::Newer)) => UP,
            Ok(Ok(SchemaState::Older)) => "its schema is older: run `spymission migrate`",
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database does not answer a look at its schema");
                category(&error)
            }
            Err(_) => "no answer within 1 s",
        };
        let silent = self.shared.correlator.longest_wait() > SILENT;
        Seen { at: Instant::now(), database, silent }
    }
}

/// What kind of error it is. The database's own words stay in the log: they may name hosts and
/// users, and anybody may read this.
fn category(error: &Error) -> &'static str {
    match error {
        Error::Unavailable(_) => "away",
        Error::Schema(_) => "its schema does not fit",
        Error::Configuration(_) => "it refuses access",
    }
}
