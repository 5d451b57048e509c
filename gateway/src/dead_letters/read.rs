//! Looking at letters: a list, groups, one of them, and what an action would be about.

use std::str::FromStr;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use dead_letters::{Stand, select};
use schemas::dead_letter::{BatchId, BodyView, LetterView};
use schemas::http::{self, LetterGroups};
use schemas::{LetterId, Problem, ProblemKind};
use store::Letter;

use super::operator::{DeadLetters, Here, Operator};
use super::query::{self, Act, Chosen};
use crate::pages::letters as pages;
use crate::representation::{Format, Refusal, database_away, json};

/// `GET /operations/dead-letters`.
pub(crate) async fn list(
    State(letters): Here,
    _operator: Operator,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (format, query) = (format(&headers, &BOTH)?, query.unwrap_or_default());
    // A form sends its empty fields as well.
    if format == Format::Html
        && let Some(address) = crate::pages::tidied(query::PATH, &query)
    {
        return Ok(
            (axum::http::StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
        );
    }
    let listing = query::listing(&query)?;
    let table = letters.shared.store.letters();
    let reading = table.list(&listing.filter, listing.cursor, listing.limit);
    let page = reading.await.map_err(|error| database_away(&error))?;
    let next = page.next();
    if format == Format::Html {
        return Ok(html(pages::list(&pages::List {
            letters: &page.letters,
            unreadable: page.unreadable.len(),
            filter: &listing.filter,
            state: &listing.state,
            newest: listing.cursor.map(|_| listing.address(None, None)),
            next: next.map(|next| listing.address(Some(next), None)),
            acts: Act::ALL.map(|act| listing.address(None, Some(act))),
        })));
    }
    let view = |listed: &Letter| LetterView::new(&listed.letter, &listed.last);
    let body = http::DeadLetters {
        letters: page.letters.iter().map(view).collect(),
        unreadable: page.unreadable.len(),
        next: next.map(|next| next.to_string()),
    };
    let link = next.map(|next| {
        let address = listing.address(Some(next), None);
        [(header::LINK, format!("<{address}>; rel=\"next\""))]
    });
    Ok((JSON, link.map(axum::response::AppendHeaders), json(&body)).into_response())
}

/// `GET /operations/dead-letters/groups`.
pub(crate) async fn groups(
    State(letters): Here,
    _operator: Operator,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    format(&headers, &[Format::Json])?;
    let filter = query::groups(query.as_deref().unwrap_or_default())?;
    let groups = letters.shared.store.letters().groups(&filter).await;
    let groups = groups.map_err(|error| database_away(&error))?;
    Ok((JSON, json(&LetterGroups { groups })).into_response())
}

/// `GET /operations/dead-letters/{letter}`.
pub(crate) async fn letter(
    State(letters): Here,
    _operator: Operator,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let format = format(&headers, &BOTH)?;
    query::none(query.as_deref().unwrap_or_default())?;
    let stand = letters.stand(id_in(path)?).await?;
    if format == Format::Html {
        return Ok(html(pages::letter(&stand)));
    }
    let view = LetterView::new(&stand.letter, &stand.actions).with_properties(&stand.letter);
    Ok((JSON, json(&view)).into_response())
}

/// `GET /operations/dead-letters/{letter}/edit`: a page with a form.
pub(crate) async fn edit(
    State(letters): Here,
    _operator: Operator,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    format(&headers, &[Format::Html])?;
    query::none(query.as_deref().unwrap_or_default())?;
    let stand = letters.stand(id_in(path)?).await?;
    let body = match stand.body().map(BodyView::from) {
        Some(BodyView::Text(text)) => text,
        Some(BodyView::Hex(_)) | None => String::new(), // bytes cannot be typed
    };
    Ok(html(pages::edit(&stand, None, &body, letters.new_id())))
}

/// `GET /operations/dead-letters/preview`: a page that says exactly which letters are meant.
pub(crate) async fn preview(
    State(letters): Here,
    _operator: Operator,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    format(&headers, &[Format::Html])?;
    let (act, chosen) = query::preview(query.as_deref().unwrap_or_default())?;
    let (found, more) = match chosen {
        Chosen::One(id) => {
            let Stand { letter, actions } = letters.stand(id).await?;
            (vec![Letter { letter, last: actions.into_iter().next_back() }], false)
        }
        Chosen::First(listing) => {
            let most = usize::from(listing.limit);
            let selecting = select::select(&letters.shared.store, &listing.filter, most);
            let selected = selecting.await.map_err(|error| database_away(&error))?;
            (selected.letters, selected.more)
        }
    };
    Ok(html(pages::preview(act.word(), &found, more, letters.new_id())))
}

impl DeadLetters {
    /// The letter, whole.
    async fn stand(&self, id: LetterId) -> Result<Stand, Refusal> {
        let found = Stand::read(&self.shared.store, id).await;
        let found = found.map_err(|error| database_away(&error))?;
        Ok(found.ok_or_else(|| unknown(id))?)
    }

    /// What names an action that a page is about to begin: the page that is sent twice does nothing
    /// twice.
    fn new_id(&self) -> BatchId {
        BatchId::new((self.shared.config.new_id)())
    }
}

/// The letter, or the batch, that a path names.
pub(super) fn id_in<T: FromStr<Err = String>>(
    path: Result<Path<String>, PathRejection>,
) -> Result<T, Problem> {
    let wrong = |wrong: String| Problem::new(ProblemKind::Malformed, format!("path: {wrong}"));
    let Path(id) = path.map_err(|rejection| wrong(rejection.body_text()))?;
    id.parse().map_err(wrong)
}

pub(super) fn unknown(id: LetterId) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no dead letter {id}"))
}

/// JSON for tools, a page for browsers.
pub(super) const BOTH: [Format; 2] = [Format::Json, Format::Html];

const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// The format that the client prefers among these.
pub(super) fn format(headers: &HeaderMap, offered: &[Format]) -> Result<Format, Problem> {
    Format::preferred(headers, offered).ok_or_else(|| {
        let media: Vec<_> = offered.iter().map(|format| format.media_type()).collect();
        let detail = format!("it comes as {}: accept that", media.join(" or "));
        Problem::new(ProblemKind::NotAcceptable, detail)
    })
}

/// A page.
pub(super) fn html(page: String) -> Response {
    ([(header::CONTENT_TYPE, Format::Html.media_type())], page).into_response()
}
