//! `GET /missions` and `GET /missions/{id}`: missions that are stored.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::http::Page;
use schemas::{CallerRequest, MissionId, Missions, Problem, ProblemKind};
use store::{Direction, PageCursor, Total};

use super::query::{self, Listing, PageQuery};
use super::request::EXPECTED;
use super::response::{Seen, Told, accepted_at, cached, see_other};
use crate::pages;
use crate::representation::{Accept, Format, Links, Listed, Refusal, database_away, readable};
use crate::seal::Accepted;
use crate::shared::{Here, Shared};

/// A mission does not change for as long as its row is kept.
const STANDS: &str = "public, max-age=3600";
/// The list does, and so does what is remembered of how a mission came to be: it is requested again each time, and may be answered with 304.
const CHANGES: &str = "no-cache";

pub(crate) async fn mission(
    State(shared): Here,
    accept: Accept,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let id = id_in(id)?;
    let accepted = query::accepted(query.as_deref().unwrap_or_default())?;
    let found = shared.store.find_one(id).await.map_err(|error| database_away(&error))?;
    readable(&found)?;
    match found.missions.as_slice() {
        [mission, ..] if accept.format == Format::Html => {
            let told = Told { mission, timeline: shared.timelines.of(id) };
            Ok(cached(&accept, CHANGES, [], &told)) // a timeline is forgotten one day
        }
        [mission, ..] => Ok(cached(&accept, STANDS, [], mission)),
        [] => match failed(&shared, &accept, id) {
            Some(page) => Ok(page),
            None => not_there(&shared, &accept, id, (&format!("/missions/{id}"), '?'), accepted),
        },
    }
}

/// For a browser the page of a mission that failed, if this gateway remembers that.
fn failed(shared: &Shared, accept: &Accept, id: MissionId) -> Option<Response> {
    if accept.format != Format::Html {
        return None;
    }
    let timeline = shared.timelines.of(id)?;
    let page = pages::failed(&timeline, timeline.reason.as_deref()?);
    let headers =
        [(header::CONTENT_TYPE, Format::Html.media_type()), (header::CACHE_CONTROL, "no-store")];
    Some((StatusCode::NOT_FOUND, headers, page).into_response())
}

/// The mission that a path names.
pub(super) fn id_in(path: Result<Path<String>, PathRejection>) -> Result<MissionId, Problem> {
    let wrong = |wrong: String| Problem::new(ProblemKind::Malformed, format!("path: {wrong}"));
    let Path(id) = path.map_err(|rejection| wrong(rejection.body_text()))?;
    id.parse().map_err(wrong)
}

/// The format of the list: the one that the query names, or that the client prefers.
pub(super) fn accept(headers: &HeaderMap, query: &str) -> Result<Accept, Refusal> {
    match query::format(query) {
        Some(format) => Ok(Accept::new(headers, format)),
        None => Accept::among(headers, &Format::OF_LISTS),
    }
}

pub(crate) async fn list(
    State(shared): Here,
    accept: Accept,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let query = query.unwrap_or_default();
    // A form sends its empty fields as well.
    if accept.format == Format::Html
        && let Some(address) = pages::tidied("/missions", &query)
    {
        return Ok(see_other(address));
    }
    match query::listing(&query)? {
        Listing::Page(query) => page(&shared, &accept, query).await,
        Listing::Request { request, count, accepted } => {
            of_request(&shared, &accept, request, count, accepted).await
        }
    }
}

async fn page(shared: &Shared, accept: &Accept, query: PageQuery) -> Result<Response, Refusal> {
    let listed = shared.store.list(&query.filter, query.cursor, query.limit);
    let (listed, total) = tokio::join!(listed, total(shared, accept));
    let listed = listed.map_err(|error| database_away(&error))?;
    let shown = u64::try_from(listed.missions.len()).unwrap_or(0);
    let total = total.map(|total| total.at_least(shown));
    let [next, prev] = [listed.next, listed.prev].map(|page| page.map(|page| page.to_string()));
    let address = |cursor: Option<PageCursor>| cursor.map(|cursor| query.at(Some(cursor)));
    let links = Links {
        next: address(listed.next),
        prev: address(listed.prev),
        first: query.cursor.map(|_| query.at(None)),
        exports: [Format::Csv, Format::Json].map(|format| query.in_format(format)),
    };
    let link = link([("next", &links.next), ("prev", &links.prev)]);
    let unreadable = listed.unreadable.iter().filter_map(|row| row.id).collect();
    let page = Page { missions: listed.missions, unreadable, next, prev };
    let direction = query.cursor.map_or(Direction::Older, |cursor| cursor.direction);
    let looked_to = listed.looked_to.map(|time| (time, direction));
    let listed = Listed { page, links, filter: query.filter, total, looked_to };
    Ok(cached(accept, CHANGES, link, &listed))
}

/// How many missions there are in all, for a page.
async fn total(shared: &Shared, accept: &Accept) -> Option<Total> {
    if accept.format != Format::Html {
        return None;
    }
    shared.stock.total().await
}

/// The header `Link` (RFC 8288) with those of these pages that there are.
fn link(pages: [(&str, &Option<String>); 2]) -> Option<(HeaderName, String)> {
    let known = pages.into_iter().filter_map(|(rel, page)| page.as_ref().map(|page| (rel, page)));
    let links: Vec<_> = known.map(|(rel, page)| format!("<{page}>; rel=\"{rel}\"")).collect();
    (!links.is_empty()).then(|| (header::LINK, links.join(", ")))
}

async fn of_request(
    shared: &Arc<Shared>,
    accept: &Accept,
    request: CallerRequest,
    count: usize,
    accepted: Option<Accepted>,
) -> Result<Response, Refusal> {
    let ids: Vec<_> = request.missions(count).collect();
    let found = shared.store.find(&ids).await.map_err(|error| database_away(&error))?;
    readable(&found)?;
    let missions = found.missions;
    if missions.len() == count {
        return Ok(cached(accept, STANDS, [], &Missions { missions }));
    }
    let location = format!("/missions?request={request}&count={count}");
    not_there(shared, accept, request.mission(0), (&location, '&'), accepted)
}

/// There is no row at this address, the first of whose missions is this: they are on their way, or
/// were set aside, or were never requested.
fn not_there(
    shared: &Shared,
    accept: &Accept,
    first: MissionId,
    (location, separator): (&str, char),
    accepted: Option<Accepted>,
) -> Result<Response, Refusal> {
    let now = (shared.config.clock)().unix_timestamp();
    let day = EXPECTED.as_secs().cast_signed();
    let detail = match accepted {
        Some(accepted) if !shared.seal.is_true(location, &accepted) => {
            "unknown: no gateway of this system has accepted this"
        }
        Some(accepted) if (now - day..=now + 60).contains(&accepted.at) => {
            let location = format!("{location}{separator}accepted={accepted}");
            return Ok(accepted_at(accept, location, seen(shared, accept, first)));
        }
        Some(accepted) if accepted.at > now => "not stored, and `accepted` is in the future",
        Some(_) => "not stored a day after it was accepted: it may have been set aside",
        None => "unknown, or not yet stored",
    };
    Err(Problem::new(ProblemKind::NotFound, detail).into())
}

/// What a page shows of missions that are not stored yet.
fn seen(shared: &Shared, accept: &Accept, first: MissionId) -> Seen {
    if accept.format != Format::Html {
        return Seen::default();
    }
    Seen { timeline: shared.timelines.of(first), silent: shared.observer.silent_roles() }
}

#[cfg(test)]
mod tests {
    use store::Store;

    use super::*;

    #[tokio::test]
    async fn an_address_of_an_accepted_mission_answers_202_for_a_day_and_no_other_does() {
        let shared = Shared::for_tests(Store::new(&"sqlite:no-such-folder/x".parse().unwrap()));
        let (id, here): (MissionId, _) = (uuid::Uuid::nil().into(), "/missions/here");
        let accept = Accept::new(&HeaderMap::new(), Format::Json);
        let answer = |location: &str, accepted| match not_there(
            &shared,
            &accept,
            id,
            (location, '?'),
            accepted,
        ) {
            Ok(response) => (response.status().as_u16(), String::new()),
            Err(refusal) => (404, refusal.problem.detail().to_owned()),
        };
        let at = |at| Some(shared.seal.accept(here, at)); // it is the year 1970
        let day = 24 * 60 * 60;
        for when in [0, -day, 60] {
            assert_eq!(answer(here, at(when)).0, 202, "{when}");
        }
        for (location, accepted, words) in [
            (here, at(-day - 1), "set aside"),
            (here, at(61), "in the future"),
            ("/missions/there", at(0), "no gateway"),
            (here, None, "not yet stored"),
        ] {
            let (status, detail) = answer(location, accepted);
            assert!(status == 404 && detail.contains(words), "{words}: {detail}");
        }
    }
}
