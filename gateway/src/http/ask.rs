//! `POST /missions`: one mission, or several.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use schemas::{CallerRequest, Mission, MissionIds, Missions, Problem, ProblemKind};
use serde::Serialize;
use uuid::Uuid;

use super::answer::{RETRY_AFTER, Refusal, json};
use super::wish::{Wish, read, wish};
use super::{Edge, Here};
use crate::desk::{Answer, NoSeat, Published};

pub(super) async fn post_missions(
    State(edge): Here,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let wish = wish(&headers, &read(body).await?)?;
    let order = Order::new(wish, (edge.config.new_id)());
    let ids: Vec<_> = order.request.missions(order.count()).collect();
    let ids = MissionIds::try_from(ids)
        .map_err(|wrong| Problem::new(ProblemKind::Invalid, wrong.to_string()))?;
    let seat = edge.desk.sit(ids).map_err(|why| unavailable(&why))?;
    match seat.wait(patience(&edge)).await {
        Ok(Answer::Stored(missions)) => Ok(order.created(missions)),
        Ok(Answer::Problem(problem)) => Err(problem.into()),
        Ok(Answer::Refused) => Err(refused()),
        Err(Published::Never) => {
            let detail = "RabbitMQ was away for as long as you waited; nothing was published";
            Err(Problem::new(ProblemKind::Unavailable, detail).into())
        }
        Err(published) => order.look(&edge, published).await,
    }
}

/// After a stop nobody is kept waiting longer than this: there are still 201 and 202 to be said.
pub(super) const LAST_WAIT: Duration = Duration::from_secs(10);

/// Ends when a caller has waited long enough.
async fn patience(edge: &Edge) {
    tokio::select! {
        () = tokio::time::sleep(edge.config.wait) => {}
        () = async {
            edge.stop.cancelled().await;
            tokio::time::sleep(LAST_WAIT).await;
        } => {}
    }
}

/// One caller's request.
#[derive(Clone, Copy)]
struct Order {
    request: CallerRequest,
    wish: Wish,
}

impl Order {
    fn new(wish: Wish, v7: Uuid) -> Self {
        Self { request: CallerRequest::new(v7), wish }
    }

    fn count(&self) -> usize {
        match self.wish {
            Wish::One => 1,
            Wish::Several(count) => count.into(),
        }
    }

    /// Where the missions are, or will be.
    fn location(&self) -> String {
        match self.wish {
            Wish::One => format!("/missions/{}", self.request),
            Wish::Several(count) => format!("/missions?request={}&count={count}", self.request),
        }
    }

    /// 201: they stand.
    fn created(&self, missions: Vec<Mission>) -> Response {
        let location = [(header::LOCATION, self.location())];
        match (self.wish, missions.as_slice()) {
            (Wish::One, [mission]) => json(StatusCode::CREATED, location, mission),
            _ => json(StatusCode::CREATED, location, &Missions { missions }),
        }
    }

    /// The wait is over and no reply has come: one look in the table, and then the address under
    /// which they will stand.
    async fn look(&self, edge: &Arc<Edge>, published: Published) -> Result<Response, Refusal> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        match edge.store.find(&ids).await {
            Ok(missions) if missions.len() == ids.len() => return Ok(self.created(missions)),
            Ok(_) => {}
            // Not told: that the request stands, if it does, is what the caller needs to know.
            Err(error) => tracing::warn!(%error, request = %self.request, "no look in the table"),
        }
        let accepted = (edge.config.clock)().unix_timestamp();
        let separator = if matches!(self.wish, Wish::One) { '?' } else { '&' };
        let location = format!("{}{separator}accepted={accepted}", self.location());
        if published == Published::Confirmed {
            return Ok(accepted_answer(location));
        }
        let detail = "RabbitMQ did not confirm the request: it may stand or not. Look at Location";
        let problem = Problem::new(ProblemKind::Unconfirmed, detail).about(ids);
        Err(Refusal::from(problem).with(header::LOCATION, &location))
    }
}

/// 202: the request stands, its missions do not yet.
pub(super) fn accepted_answer(location: String) -> Response {
    #[derive(Serialize)]
    struct Accepted<'a> {
        status: &'a str,
        location: &'a str,
    }
    let headers =
        [(header::LOCATION, location.clone()), (header::RETRY_AFTER, RETRY_AFTER.to_owned())];
    let body = Accepted { status: "accepted", location: &location };
    json(StatusCode::ACCEPTED, headers, &body)
}

fn unavailable(why: &NoSeat) -> Refusal {
    let detail = match why {
        NoSeat::Full => "too many callers wait already; nothing was published",
        NoSeat::Away => "RabbitMQ is away; nothing was published",
    };
    Problem::new(ProblemKind::Unavailable, detail).into()
}

fn refused() -> Refusal {
    let detail = "RabbitMQ did not take the request, its queue is full; nothing was published";
    Problem::new(ProblemKind::Unavailable, detail).into()
}
