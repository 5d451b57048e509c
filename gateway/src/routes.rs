//! The addresses. Whatever goes wrong is a problem object (RFC 9457) that names the field and the
//! fix.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use schemas::{Problem, ProblemKind};
use telemetry::{Label, Route};

use crate::dead_letters::{self, DeadLetters};
use crate::missions::{events, post_missions, set_aside, timeline};
use crate::operations::drill;
use crate::operations::metrics::Metrics;
use crate::operations::page::{self, OperationsPage};
use crate::operations::ready::Readiness;
use crate::pages::{self, documents};

use crate::representation::{Format, Refusal};
use crate::shared::{Here, Shared};

/// The addresses, and nothing else.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let wrong_method = |allowed: &'static str| move |method: Method| refuse_method(method, allowed);
    let missions =
        post(post_missions).get(set_aside::list).fallback(wrong_method("GET, HEAD, POST"));
    let mission = get(set_aside::mission).fallback(wrong_method("GET, HEAD"));
    let readiness = Arc::new(Readiness::new(Arc::clone(&shared)));
    let metrics = Arc::new(Metrics::default());
    let operations = Arc::new(OperationsPage::new(Arc::clone(&shared)));
    let letters = letters(DeadLetters::new(Arc::clone(&shared), Arc::clone(&operations)));
    let operators = Router::new()
        .route(Route::Operations.value(), get(page::page).fallback(wrong_method("GET, HEAD")))
        .route(
            Route::OperationsEvents.value(),
            get(page::events).fallback(wrong_method("GET, HEAD")),
        )
        .route(Route::Drill.value(), post(drill::begin).fallback(wrong_method("POST")))
        .route(Route::Login.value(), post(page::log_in).fallback(wrong_method("POST")))
        .route(Route::Logout.value(), post(page::log_out).fallback(wrong_method("POST")))
        .with_state(operations);
    Router::new()
        .route(Route::Missions.value(), missions)
        .route(Route::Mission.value(), mission)
        .route(Route::Timeline.value(), get(timeline).fallback(wrong_method("GET, HEAD")))
        .route(Route::Events.value(), get(events).fallback(wrong_method("GET, HEAD")))
        .route(Route::Home.value(), get(welcome).fallback(wrong_method("GET, HEAD")))
        .route(Route::Live.value(), get(|| async { "live\n" }).fallback(wrong_method("GET, HEAD")))
        .route(
            Route::Ready.value(),
            get(async move || readiness.response().await).fallback(wrong_method("GET, HEAD")),
        )
        .route(
            Route::Metrics.value(),
            get(async move || metrics.response()).fallback(wrong_method("GET, HEAD")),
        )
        .route(Route::Problem.value(), get(problem_page).fallback(wrong_method("GET, HEAD")))
        .route(
            Route::Casebook.value(),
            get(pages::casebook::casebook)
                .fallback(wrong_method("GET, HEAD"))
                .with_state(Arc::clone(&shared.stock)),
        )
        .route(Route::Docs.value(), get(documents::docs).fallback(wrong_method("GET, HEAD")))
        .route(Route::DocsPage.value(), get(documents::page).fallback(wrong_method("GET, HEAD")))
        .route(Route::OpenApi.value(), get(documents::openapi).fallback(wrong_method("GET, HEAD")))
        .route(
            Route::AsyncApi.value(),
            get(documents::asyncapi).fallback(wrong_method("GET, HEAD")),
        )
        .route(Route::Asset.value(), get(pages::assets::asset).fallback(wrong_method("GET, HEAD")))
        .fallback(nothing_here)
        .with_state(shared)
        .merge(operators)
        .merge(letters)
}

/// The addresses of dead letters.
fn letters(letters: DeadLetters) -> Router {
    let wrong_method = |allowed: &'static str| move |method: Method| refuse_method(method, allowed);
    let [read, write] = ["GET, HEAD", "POST"].map(wrong_method);
    let edit = get(dead_letters::edit).post(dead_letters::correct);
    let letter = get(dead_letters::letter).fallback(read);
    let record = get(dead_letters::record).fallback(read);
    Router::new()
        .route(Route::Letters.value(), get(dead_letters::list).fallback(read))
        .route(Route::LetterGroups.value(), get(dead_letters::groups).fallback(read))
        .route(Route::LetterPreview.value(), get(dead_letters::preview).fallback(read))
        .route(Route::LetterReplay.value(), post(dead_letters::replay).fallback(write))
        .route(Route::LetterDiscard.value(), post(dead_letters::discard).fallback(write))
        .route(Route::LetterRecord.value(), record)
        .route(Route::Letter.value(), letter)
        .route(Route::LetterEdit.value(), edit.fallback(wrong_method("GET, HEAD, POST")))
        .with_state(Arc::new(letters))
}

const WELCOME: &str = "spymission generates missions for spies.

  curl -X POST /missions                  a mission, stored before you read it
  curl -X POST /missions --json '{\"count\": 3}'   several at once, 1 to 256
  curl /missions                          the newest, ?limit= and ?cursor= to walk
  curl /missions/{id}                     one
  curl /missions/{id}/timeline            how it came to be
  curl /operations                        how the whole system does
  curl /readyz                            whether this gateway can take requests
";

async fn welcome(State(shared): Here, headers: HeaderMap) -> Result<Response, Refusal> {
    let key = shared.config.new_id;
    written(&headers, || pages::home(&headers, key()), || WELCOME.to_owned())
}

/// The page behind a problem's `type`.
async fn problem_page(
    headers: HeaderMap,
    word: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let kind = word.ok().and_then(|Path(word)| ProblemKind::parse(&word)).ok_or_else(|| {
        Refusal::from(Problem::new(ProblemKind::NotFound, "there is no problem of this name"))
    })?;
    let text =
        || format!("{} ({})\n\n{}\n{}\n", kind.word(), kind.status(), kind.title(), kind.remedy());
    written(&headers, || pages::problem_kind(kind), text)
}

/// A page for a browser, or a text for a terminal.
fn written(
    headers: &HeaderMap,
    html: impl FnOnce() -> String,
    text: impl FnOnce() -> String,
) -> Result<Response, Refusal> {
    let Some(format) = Format::preferred(headers, &Format::OF_PAGES) else {
        let detail = "this page comes as text/html or text/plain: accept one";
        return Err(Problem::new(ProblemKind::NotAcceptable, detail).into());
    };
    let body = if format == Format::Html { html() } else { text() };
    Ok(([(header::CONTENT_TYPE, format.media_type())], body).into_response())
}

/// An address with slashes at its end leads to the one without, with the method and the body that it
/// had. Any other lists those that there are.
async fn nothing_here(uri: Uri) -> Response {
    let bare = uri.path().trim_end_matches('/');
    if bare.len() < uri.path().len() && Route::of(bare) != Route::None {
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        let location = [(header::LOCATION, format!("{bare}{query}"))];
        return (StatusCode::PERMANENT_REDIRECT, location).into_response();
    }
    let known = Route::ALL.iter().map(|route| route.value()).filter(|path| !path.is_empty());
    let known: Vec<_> = known.map(|path| format!("`{path}`")).collect();
    let detail = format!("the addresses are {}", known.join(", "));
    Refusal::from(Problem::new(ProblemKind::NotFound, detail)).into_response()
}

/// What an address knows beside its own methods is OPTIONS, which tells them.
async fn refuse_method(method: Method, allowed: &'static str) -> Response {
    let allow = [(header::ALLOW, format!("{allowed}, OPTIONS"))];
    if method == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, allow).into_response();
    }
    let detail = format!("{method} is not for this address: use {allowed}");
    let refusal = Refusal::from(Problem::new(ProblemKind::MethodNotAllowed, detail));
    (allow, refusal).into_response()
}

#[cfg(test)]
mod tests;
