//! `GET /missions` and `GET /missions/{id}`: what stands in the table.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use schemas::{CallerRequest, Mission, MissionId, Missions, Problem, ProblemKind};
use serde::Serialize;
use store::Cursor;

use super::answer::{Refusal, database_away, json};
use super::ask::accepted_answer;
use super::query::{self, Listing};
use super::{Edge, Here};

/// For so many seconds an accepted request is expected to come to its end.
const EXPECTED: i64 = 24 * 60 * 60;

pub(super) async fn mission(
    State(edge): Here,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let wrong = |wrong: String| Problem::new(ProblemKind::Malformed, format!("path: {wrong}"));
    let Path(id) = id.map_err(|rejection| wrong(rejection.body_text()))?;
    let id: MissionId = id.parse().map_err(wrong)?;
    let accepted = query::accepted(query.as_deref().unwrap_or_default())?;
    match edge.store.find(&[id]).await.map_err(|error| database_away(&error))?.as_slice() {
        [mission, ..] => Ok(json(StatusCode::OK, [], mission)),
        [] => not_there(&edge, accepted, || format!("/missions/{id}?accepted=")),
    }
}

pub(super) async fn list(
    State(edge): Here,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    match query::listing(query.as_deref().unwrap_or_default())? {
        Listing::Page { limit, cursor } => page(&edge, limit, cursor).await,
        Listing::Request { request, count, accepted } => {
            of_request(&edge, request, count, accepted).await
        }
    }
}

async fn page(edge: &Edge, limit: u16, cursor: Option<Cursor>) -> Result<Response, Refusal> {
    #[derive(Serialize)]
    struct Page {
        missions: Vec<Mission>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
    }
    // One more than is shown tells whether there is a next page.
    let listed = edge.store.list(&store::Filter::default(), cursor, limit + 1).await;
    let mut missions = listed.map_err(|error| database_away(&error))?;
    let more = missions.len() > usize::from(limit);
    missions.truncate(limit.into());
    let last = missions.last().filter(|_| more);
    let next = last.map(|last| Cursor { created_at: last.created_at, id: last.id }.to_string());
    let link = next.as_ref().map(|next| {
        (header::LINK, format!("</missions?limit={limit}&cursor={next}>; rel=\"next\""))
    });
    Ok(json(StatusCode::OK, link, &Page { missions, next }))
}

async fn of_request(
    edge: &Arc<Edge>,
    request: CallerRequest,
    count: usize,
    accepted: Option<i64>,
) -> Result<Response, Refusal> {
    let ids: Vec<_> = request.missions(count).collect();
    let missions = edge.store.find(&ids).await.map_err(|error| database_away(&error))?;
    if missions.len() == count {
        return Ok(json(StatusCode::OK, [], &Missions { missions }));
    }
    not_there(edge, accepted, || format!("/missions?request={request}&count={count}&accepted="))
}

/// No row stands: it is on its way, or it was set aside, or it was never asked for.
fn not_there(
    edge: &Edge,
    accepted: Option<i64>,
    location: impl FnOnce() -> String,
) -> Result<Response, Refusal> {
    let now = (edge.config.clock)().unix_timestamp();
    let detail = match accepted {
        Some(at) if (now - EXPECTED..=now + 60).contains(&at) => {
            return Ok(accepted_answer(format!("{}{at}", location())));
        }
        Some(at) if at > now => "no row stands, and `accepted` lies in the future",
        Some(_) => "no row stands a day after it was accepted: it may have been set aside",
        None => "unknown, or not yet stored",
    };
    Err(Problem::new(ProblemKind::NotFound, detail).into())
}
