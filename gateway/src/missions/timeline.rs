//! `GET /missions/{id}/timeline`: how a mission came to be, as far as this gateway remembers.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind};

use super::read::id_in;
use crate::representation::{Format, Refusal, json};
use crate::shared::Here;
use crate::timeline::REMEMBERED;

pub(crate) async fn timeline(
    State(shared): Here,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let timeline = shared.timelines.of(id_in(id)?).ok_or_else(|| {
        let detail = format!(
            "not remembered: a gateway keeps the last {REMEMBERED} batches that it asked for itself"
        );
        Problem::new(ProblemKind::NotFound, detail)
    })?;
    let kind = HeaderValue::from_static(Format::Json.media_type());
    Ok(([(header::CONTENT_TYPE, kind)], json(&timeline)).into_response())
}
