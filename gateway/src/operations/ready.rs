//! `GET /readyz`: whether this gateway can take requests, and what else it sees.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bus::Why;
use schemas::http::{self, RepliesDropped, Status, Workers};

use crate::representation::json;
use crate::shared::Shared;

/// A confirmed request that waits longer than this shows that workers or persister are silent.
const SILENT: Duration = Duration::from_secs(2);

/// What the database's part of the answer says when all is well.
const UP: &str = "up";

/// Answers `/readyz`. Ready means that requests can be published and replies be received. Silent
/// workers or a silent database are shown, and the gateway stays ready: requests are kept, and are
/// done when both are back.
pub(crate) struct Readiness {
    shared: Arc<Shared>,
}

impl Readiness {
    /// Of this gateway.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The answer.
    pub(crate) async fn response(&self) -> Response {
        let (ready, broker) = self.broker();
        let database = self.shared.observer.database.why_not().await.unwrap_or(UP);
        let silent = self.shared.correlator.longest_wait() > SILENT;
        let roles = self.shared.observer.silent_roles();
        let why = (!roles.is_empty()).then(|| format!("waiting for: {}", roles.join(", ")));
        let (code, status) = match (ready, silent || why.is_some() || database != UP) {
            (false, _) => (StatusCode::SERVICE_UNAVAILABLE, Status::NotReady),
            (true, true) => (StatusCode::OK, Status::Degraded),
            (true, false) => (StatusCode::OK, Status::Ready),
        };
        let workers = if silent { Workers::Silent } else { Workers::Answering };
        let dropped = |why| self.shared.dropped.so_far(why);
        let replies_dropped =
            RepliesDropped { late: dropped(Why::Late), malformed: dropped(Why::Malformed) };
        let (broker, database) = (broker.into(), database.into());
        let report = http::Readiness { status, why, broker, workers, database, replies_dropped };
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
}
