//! A browser may wait for missions whose request was set aside. It is told so, with the reason, as soon as
//! the dead letter is in the table. Programs are not told: they go on getting the 202.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::dead_letter::State as Stand;
use schemas::{CreatedAt, MissionId, Request};
use store::{Letter, LetterFilter, Store};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::query::{self, Listing};
use super::read;
use crate::pages;
use crate::representation::{Accept, Format, Refusal};
use crate::shared::{Here, Shared};

/// How long a look at the dead letters may take. After it the page waits on.
const LOOK: Duration = Duration::from_secs(1);
/// One page at a time looks: no index has the texts of dead letters. The others wait on.
static LOOKS: Semaphore = Semaphore::const_new(1);
/// Seconds by which the clocks of two machines may differ.
const APART: i64 = 60;
/// The states of a letter whose missions are not on their way again.
const ASIDE: [Stand; 2] = [Stand::Waiting, Stand::Discarded];

/// `GET /missions/{id}`.
pub(crate) async fn mission(
    State(shared): Here,
    accept: Accept,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let text = query.as_deref().unwrap_or_default();
    let waiting = || Waiting::of_mission(&id.as_ref().ok()?.0, text);
    let waiting = (accept.format == Format::Html).then(waiting).flatten();
    let answer = read::mission(State(Arc::clone(&shared)), accept, id, RawQuery(query)).await?;
    Ok(told(&shared, waiting, answer).await)
}

/// `GET /missions`.
pub(crate) async fn list(
    State(shared): Here,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let accept = read::accept(&headers, query.as_deref().unwrap_or_default())?;
    let waiting = || Waiting::of_request(query.as_deref()?);
    let waiting = (accept.format == Format::Html).then(waiting).flatten();
    let answer = read::list(State(Arc::clone(&shared)), accept, RawQuery(query)).await?;
    Ok(told(&shared, waiting, answer).await)
}

/// What a browser waits for.
struct Waiting {
    first: MissionId,
    /// What the ids of all its missions begin with.
    text: String,
    /// When the request was accepted, in Unix seconds.
    accepted_at: i64,
}

impl Waiting {
    fn of_mission(id: &str, query: &str) -> Option<Self> {
        let first: MissionId = id.parse().ok()?;
        let accepted_at = query::accepted(query).ok()??.at;
        Some(Self { first, text: first.to_string(), accepted_at })
    }

    fn of_request(query: &str) -> Option<Self> {
        let Listing::Request { request, accepted, .. } = query::listing(query).ok()? else {
            return None;
        };
        let first = request.mission(0);
        let mut text = first.to_string();
        text.truncate(text.len().saturating_sub(2)); // the missions of a request differ in the end
        Some(Self { first, text, accepted_at: accepted?.at })
    }

    /// The dead letter of a message with one of its missions.
    async fn letter(&self, store: &Store) -> Result<Option<Letter>, store::Error> {
        let Ok(_one) = LOOKS.try_acquire() else { return Ok(None) };
        let since = self.accepted_at.saturating_sub(APART).saturating_mul(1_000_000);
        let filter = LetterFilter {
            states: ASIDE.to_vec(),
            since: CreatedAt::from_micros(since),
            text: Some(self.text.clone()),
            ..LetterFilter::default()
        };
        let found = store.letters().list(&filter, None, 1).await?.letters.into_iter().next();
        Ok(found.filter(|found| self.is_in(found)))
    }

    /// Whether this letter is a request for one of its missions: any other may quote an id.
    fn is_in(&self, found: &Letter) -> bool {
        let letter = &found.letter;
        let request = Request::parse(&letter.body, letter.message_id.as_deref());
        let ours = |id: &MissionId| id.to_string().starts_with(&self.text);
        request.is_ok_and(|request| request.missions.as_slice().iter().any(ours))
    }
}

/// Returns the answer. If it is a page that waits and the request was set aside, returns the page that
/// says why instead.
async fn told(shared: &Shared, waiting: Option<Waiting>, answer: Response) -> Response {
    let Some(waiting) = waiting.filter(|_| answer.status() == StatusCode::ACCEPTED) else {
        return answer;
    };
    let first = waiting.first;
    let letter = match timeout(LOOK, waiting.letter(&shared.store)).await {
        Ok(Ok(Some(letter))) => letter,
        Ok(Ok(None)) | Err(_) => return answer,
        Ok(Err(error)) => {
            tracing::debug!(%error, "the dead letters could not be read");
            return answer;
        }
    };
    let again = answer.headers().get(header::LOCATION).and_then(|at| at.to_str().ok());
    let page = pages::set_aside(&pages::SetAside {
        mission: first,
        timeline: shared.timelines.of(first).as_ref(),
        reason: &letter.letter.reason,
        is_discarded: letter.state() == Stand::Discarded,
        again: again.unwrap_or_default(),
    });
    let headers =
        [(header::CONTENT_TYPE, Format::Html.media_type()), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, page).into_response()
}
