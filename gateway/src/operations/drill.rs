//! `POST /operations/drills/{drill}`: begins a drill, or ends all.

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::drills::{Drill, END};
use schemas::{Problem, ProblemKind};

use super::page::Here;
use crate::edge::client::Peer;
use crate::representation::Refusal;

pub(crate) async fn begin(
    State(page): Here,
    peer: Option<Extension<Peer>>,
    method: Method,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    page.permit(peer, &method, &headers)?;
    let Some(exercise) = page.exercise() else {
        let detail = "this gateway has no drills: start `spymission up --drills`";
        return Err(Problem::new(ProblemKind::NotFound, detail).into());
    };
    let name = name.map(|Path(name)| name).unwrap_or_default();
    match Drill::parse(&name) {
        Some(drill) => exercise.begin(drill),
        None if name == END => exercise.end(),
        None => return Err(unknown()),
    }
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/operations#drills")]).into_response())
}

fn unknown() -> Refusal {
    let names = Drill::ALL.iter().map(|drill| drill.name()).collect::<Vec<_>>().join(", ");
    let detail =
        format!("there is no drill of this name; the drills are {names}, and {END} ends all");
    Problem::new(ProblemKind::NotFound, detail).into()
}
