//! `POST /missions`: one mission, or several.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Mission, Problem, ProblemKind};

use super::answer::{Accepted, RETRY_AFTER, Refusal, add, answer};
use super::key::{REPLAYED, key};
use super::negotiate::{Asked, Format};
use super::order::{Order, Standing};
use super::prefer::{APPLIED, Preference};
use super::wish::{read, wish};
use crate::correlator::{AdmissionError, Outcome, Published, Trace};
use crate::edge::trace::trace;
use crate::shared::{Here, Shared};

pub(crate) async fn post_missions(
    State(edge): Here,
    asked: Asked,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (key, preference) = (key(&headers)?, Preference::of(&headers, edge.config.wait));
    let wish = wish(&headers, &read(body).await?)?;
    let order = Order::new(wish, key.as_ref(), edge.config.new_id);
    // Before anything is published: a key means the same missions for as long as they are kept.
    if key.is_some()
        && let Standing::Here(missions) = order.standing(&edge.store).await?
    {
        let mut response = created(&asked, &order, missions);
        add(&mut response, [(REPLAYED, "true".to_owned())]);
        return Ok(response);
    }
    let mut response = ask(&edge, &asked, &order, preference, trace(&headers)).await?;
    add(&mut response, preference.applied().map(|applied| (APPLIED, applied)));
    Ok(response)
}

/// Takes a waiter, waits, and says what came of it.
async fn ask(
    edge: &Arc<Shared>,
    asked: &Asked,
    order: &Order,
    preference: Preference,
    trace: Option<Trace>,
) -> Result<Response, Refusal> {
    let waiter = edge.correlator.admit(order.admission(trace)?).map_err(|why| unavailable(&why))?;
    let wait = edge.config.wait;
    let for_missions = patience(edge, preference.patience(wait));
    match waiter.wait(for_missions, patience(edge, wait)).await {
        Ok(Outcome::Stored(missions)) => {
            order.alone(&edge.store).await?;
            Ok(created(asked, order, missions))
        }
        Ok(Outcome::Problem(problem)) => Err(problem.into()),
        Ok(Outcome::Refused) => Err(refused()),
        Err(Published::Never) => {
            let detail = "RabbitMQ was away for as long as you waited; nothing was published";
            Err(Problem::new(ProblemKind::Unavailable, detail).into())
        }
        // The broker's word is all that was wished for.
        Err(Published::Confirmed) if preference.patience(wait).is_zero() => {
            Ok(accepted(asked, order.expected(edge.config.clock)))
        }
        Err(published) => look(edge, asked, order, published).await,
    }
}

/// After a stop nobody is kept waiting longer than this: there are still 201 and 202 to be said.
pub(crate) const LAST_WAIT: Duration = Duration::from_secs(10);

/// Ends when a caller has waited long enough.
async fn patience(edge: &Shared, most: Duration) {
    tokio::select! {
        () = tokio::time::sleep(most) => {}
        () = async {
            edge.stop.cancelled().await;
            tokio::time::sleep(LAST_WAIT).await;
        } => {}
    }
}

/// The wait is over and no reply has come: one look in the table, and then the address under
/// which they will stand.
async fn look(
    edge: &Arc<Shared>,
    asked: &Asked,
    order: &Order,
    published: Published,
) -> Result<Response, Refusal> {
    match order.find(&edge.store).await {
        Ok(Some(missions)) => return Ok(created(asked, order, missions)),
        Ok(None) => {}
        // Not told: that the request stands, if it does, is what the caller needs to know.
        Err(error) => tracing::warn!(%error, location = order.location(), "no look in the table"),
    }
    let location = order.expected(edge.config.clock);
    if published == Published::Confirmed {
        return Ok(accepted(asked, location));
    }
    let detail = "RabbitMQ did not confirm the request: it may stand or not. Look at Location";
    let problem = Problem::new(ProblemKind::Unconfirmed, detail).about(order.ids()?);
    Err(Refusal::from(problem).with(header::LOCATION, &location))
}

/// 201: they stand. A browser is sent to their page.
fn created(asked: &Asked, order: &Order, missions: Vec<Mission>) -> Response {
    let location = order.location();
    if asked.format == Format::Html {
        return see(location);
    }
    order.shown(asked, StatusCode::CREATED, [(header::LOCATION, location)], missions)
}

/// 202: the request stands, its missions do not yet. A browser is sent to where they will be.
fn accepted(asked: &Asked, location: String) -> Response {
    if asked.format == Format::Html { see(location) } else { accepted_answer(asked, location) }
}

/// 303, for a browser.
pub(crate) fn see(location: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// 202, said at the address where the missions will be.
pub(crate) fn accepted_answer(asked: &Asked, location: String) -> Response {
    let headers = [
        (header::LOCATION, location.clone()),
        (header::RETRY_AFTER, RETRY_AFTER.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    answer(asked, StatusCode::ACCEPTED, headers, &Accepted::at(location))
}

fn unavailable(why: &AdmissionError) -> Refusal {
    let (kind, detail) = match why {
        AdmissionError::Full => {
            (ProblemKind::Unavailable, "too many callers wait already; nothing was published")
        }
        AdmissionError::Away => {
            (ProblemKind::Unavailable, "RabbitMQ is away; nothing was published")
        }
        AdmissionError::OtherCount => (
            ProblemKind::Conflict,
            "a request with this `Idempotency-Key` and another `count` is still running: repeat \
             that one, or use another key",
        ),
    };
    Problem::new(kind, detail).into()
}

fn refused() -> Refusal {
    let detail = "RabbitMQ did not take the request, its queue is full; nothing was published";
    Problem::new(ProblemKind::Unavailable, detail).into()
}
