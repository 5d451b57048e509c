//! Replaying, correcting and discarding letters.

use std::num::NonZeroU32;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dead_letters::{Error, Outcome, Stand, decide, select};
use schemas::dead_letter::{BatchId, Who};
use schemas::http::{Begun, Correction, Left, Meant, Order};
use schemas::{ActionId, LetterId, Problem, ProblemKind, Request};

use super::operator::{DeadLetters, Here, Operator};
use super::order::{self, Sent};
use super::query;
use super::read::{id_in, unknown};
use super::runs::{Job, Run};
use crate::pages::letters as pages;
use crate::representation::{Refusal, database_away, json};

/// `POST /operations/dead-letters/replay`.
pub(crate) async fn replay(
    State(letters): Here,
    operator: Operator,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    query::none(query.as_deref().unwrap_or_default())?;
    let sent = order::read(&headers, body).await?;
    let order = sent.order()?;
    let (id, dry_run, rate) = (letters.id(order.id), order.dry_run, order.rate);
    let who = operator.who(order.who.clone());
    let (open, left) = letters.open(id, order).await?;
    if !dry_run {
        letters.broker_is_there()?;
        letters.begin(id, who, (open.clone(), left.clone()), rate)?;
    }
    Ok(begun(&sent, (id, dry_run), &open, left, StatusCode::ACCEPTED))
}

/// `POST /operations/dead-letters/discard`.
pub(crate) async fn discard(
    State(letters): Here,
    operator: Operator,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    query::none(query.as_deref().unwrap_or_default())?;
    let sent = order::read(&headers, body).await?;
    let order = sent.order()?;
    let (id, dry_run, who) = (letters.id(order.id), order.dry_run, order.who.clone());
    let who = operator.who(who);
    let (mut open, mut left) = letters.open(id, order).await?;
    if !dry_run {
        let mut done = Vec::with_capacity(open.len());
        for (meant, action) in open {
            match letters.discard_one(&who, (meant, action)).await?.why_not() {
                None => done.push((meant, action)),
                Some(why) => left.push(Left { id: meant.id, why }),
            }
        }
        open = done;
        let run = Run { left: left.clone(), ended: true, waits: None };
        letters.shared.runs.remember(id, run);
    }
    Ok(begun(&sent, (id, dry_run), &open, left, StatusCode::OK))
}

/// `POST /operations/dead-letters/{letter}/edit`.
pub(crate) async fn correct(
    State(letters): Here,
    operator: Operator,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    query::none(query.as_deref().unwrap_or_default())?;
    let letter = id_in(path)?;
    let sent = order::read(&headers, body).await?;
    let Correction { body, number, dry_run, id, who } = sent.correction()?;
    let (id, who) = (letters.id(id), operator.who(who));
    let store = &letters.shared.store;
    let stand = Stand::read(store, letter).await.map_err(|error| database_away(&error))?;
    let stand = stand.ok_or_else(|| unknown(letter))?;
    if let Err(problem) = Request::parse(body.as_bytes(), stand.letter.message_id.as_deref()) {
        let detail = format!("`body`: {}", problem.detail());
        let problem = Problem::new(problem.kind(), detail);
        return if sent.is_form() {
            Ok(again(&stand, &problem, &body, id))
        } else {
            Err(problem.into())
        };
    }
    let action = id.action(0);
    let (mut open, mut left) = (vec![(Meant { id: letter, number }, action)], Vec::new());
    if !dry_run {
        letters.broker_is_there()?;
        let clock = letters.shared.config.clock;
        let editing = decide::edit(store, clock, &who, letter, body.as_bytes(), (action, number));
        match editing.await.map_err(|error| away(&error))? {
            Outcome::Done(number) => {
                open = vec![(Meant { id: letter, number: Some(number) }, action)]
            }
            other => {
                let why = other.why_not().unwrap_or_default();
                (open, left) = (Vec::new(), vec![Left { id: letter, why }]);
            }
        }
        letters.begin(id, who, (open.clone(), left.clone()), None)?;
    }
    Ok(begun(&sent, (id, dry_run), &open, left, StatusCode::ACCEPTED))
}

/// The letters about which something is done, each with the id of the action; and the others.
type Sorted = (Vec<(Meant, ActionId)>, Vec<Left>);

impl DeadLetters {
    fn id(&self, given: Option<BatchId>) -> BatchId {
        given.unwrap_or_else(|| BatchId::new((self.shared.config.new_id)()))
    }

    async fn open(&self, id: BatchId, order: Order) -> Result<Sorted, Refusal> {
        let Order { mut letters, limit, .. } = order;
        letters.truncate(limit.map_or(letters.len(), usize::from));
        select::open(&self.shared.store, id, &letters).await.map_err(|error| away(&error))
    }

    fn broker_is_there(&self) -> Result<(), Refusal> {
        match self.shared.health.state() {
            bus::State::Up | bus::State::Degraded(_) => Ok(()),
            bus::State::Waiting(_) => {
                let detail =
                    "RabbitMQ is away; nothing was published or recorded: repeat the order later";
                Err(Problem::new(ProblemKind::Unavailable, detail).into())
            }
        }
    }

    fn begin(
        &self,
        id: BatchId,
        who: Who,
        (letters, left): Sorted,
        rate: Option<u16>,
    ) -> Result<(), Refusal> {
        let rate = NonZeroU32::new(rate.unwrap_or(Order::RATE).into()).unwrap_or(NonZeroU32::MIN);
        if self.shared.runs.begin(Job { id, who, letters, rate }, left) {
            return Ok(());
        }
        let detail = "too many replays run; nothing was published: repeat it later";
        Err(Problem::new(ProblemKind::Unavailable, detail).into())
    }

    async fn discard_one(
        &self,
        who: &Who,
        (meant, action): (Meant, ActionId),
    ) -> Result<Outcome, Refusal> {
        let (store, clock) = (&self.shared.store, self.shared.config.clock);
        let discarding = decide::discard(store, clock, who, meant.id, (action, meant.number));
        discarding.await.map_err(|error| away(&error))
    }
}

fn away(error: &Error) -> Refusal {
    match error {
        Error::Database(error) => database_away(error),
        Error::Broker(error) => {
            tracing::warn!(%error, "the broker did not answer");
            Problem::new(ProblemKind::Unavailable, "RabbitMQ is away; repeat it later").into()
        }
    }
}

/// A tool is told what was begun; a browser is sent to where it says what became of it.
fn begun(
    sent: &Sent,
    (id, dry_run): (BatchId, bool),
    open: &[(Meant, ActionId)],
    left: Vec<Left>,
    status: StatusCode,
) -> Response {
    let letters: Vec<LetterId> = open.iter().map(|(meant, _)| meant.id).collect();
    let place = || format!("{}/actions/{id}?count={}", query::PATH, letters.len() + left.len());
    let location = (!dry_run).then(place);
    let status = if dry_run { StatusCode::OK } else { status };
    match location.clone() {
        Some(location) if sent.is_form() => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
        }
        place => {
            let body = json(&Begun { id, letters, left, location });
            let media = [(header::CONTENT_TYPE, "application/json".to_owned())];
            let place = place.map(|place| [(header::LOCATION, place)]);
            (status, media, place.map(axum::response::AppendHeaders), body).into_response()
        }
    }
}

/// The form once more, with what is wrong.
fn again(stand: &Stand, problem: &Problem, body: &str, id: BatchId) -> Response {
    let status = StatusCode::from_u16(problem.kind().status()).unwrap_or(StatusCode::BAD_REQUEST);
    let page = pages::edit(stand, Some(problem.detail()), body, id);
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
