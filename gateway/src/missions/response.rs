//! Responses about missions, in the format that the client accepts.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::http::{Accepted, Timeline};
use schemas::{Mission, Missions, csv};
use serde::Serialize;
use uuid::Uuid;

use crate::pages;
use crate::representation::{Accept, Format, Listed, RETRY_AFTER, json};

/// What has a representation in every format.
pub(crate) trait Represent: Serialize {
    fn html(&self) -> String;
    fn text(&self) -> String;
    /// The missions that are stored.
    fn missions(&self) -> &[Mission];
}

impl Represent for Mission {
    fn html(&self) -> String {
        pages::mission(self, None)
    }

    fn text(&self) -> String {
        let Self { objective, target, .. } = self;
        format!("Your mission, should you choose to accept it: {objective} {target}.\n")
    }

    fn missions(&self) -> &[Mission] {
        std::slice::from_ref(self)
    }
}

/// A mission, and how it came to be if that is remembered.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    #[serde(flatten)]
    pub(crate) mission: &'a Mission,
    #[serde(skip)]
    pub(crate) timeline: Option<Timeline>,
}

impl Represent for Told<'_> {
    fn html(&self) -> String {
        pages::mission(self.mission, self.timeline.as_ref())
    }

    fn text(&self) -> String {
        self.mission.text()
    }

    fn missions(&self) -> &[Mission] {
        self.mission.missions()
    }
}

impl Represent for Missions {
    fn html(&self) -> String {
        pages::several(&self.missions)
    }

    fn text(&self) -> String {
        lines(&self.missions)
    }

    fn missions(&self) -> &[Mission] {
        &self.missions
    }
}

impl Represent for Listed {
    fn html(&self) -> String {
        pages::list(self)
    }

    fn text(&self) -> String {
        lines(&self.page.missions)
    }

    fn missions(&self) -> &[Mission] {
        &self.page.missions
    }
}

/// What this gateway sees of missions that are not stored yet.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) timeline: Option<Timeline>,
    /// The names of the roles of which no process is there.
    pub(crate) silent: Vec<&'static str>,
}

/// Missions that are not stored yet.
#[derive(Serialize)]
struct Waiting {
    #[serde(flatten)]
    accepted: Accepted,
    #[serde(skip)]
    seen: Seen,
}

impl Represent for Waiting {
    fn html(&self) -> String {
        pages::accepted(&self.accepted, self.seen.timeline.as_ref(), &self.seen.silent)
    }

    fn text(&self) -> String {
        format!("Accepted. Your mission will be at {}\n", self.accepted.location)
    }

    fn missions(&self) -> &[Mission] {
        &[]
    }
}

fn lines(missions: &[Mission]) -> String {
    let line = |m: &Mission| format!("{}  {}  {} {}\n", m.id, m.created_at, m.objective, m.target);
    missions.iter().map(line).collect()
}

/// Comma-separated values; without a mission the header alone.
fn table(missions: &[Mission]) -> String {
    std::iter::once(csv::header::<Mission>()).chain(missions.iter().map(csv::line)).collect()
}

/// A response in the format that the client accepts.
pub(crate) fn respond(
    accept: &Accept,
    status: StatusCode,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
    what: &impl Represent,
) -> Response {
    let mut response = (status, representation(accept.format, what)).into_response();
    let kind = HeaderValue::from_static(accept.format.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    add(&mut response, headers);
    response
}

/// A response to GET, or 304 for a client that has it.
pub(crate) fn cached(
    accept: &Accept,
    cache: &'static str,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
    what: &impl Represent,
) -> Response {
    let body = representation(accept.format, what);
    let tag = format!("W/\"{}\"", Uuid::new_v5(&Uuid::NAMESPACE_OID, &body).simple());
    let mut response = if accept.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = HeaderValue::from_static(accept.format.media_type());
        ([(header::CONTENT_TYPE, kind)], body).into_response()
    };
    add(&mut response, [(header::ETAG, tag), (header::CACHE_CONTROL, cache.to_owned())]);
    add(&mut response, headers);
    response
}

fn representation(format: Format, what: &impl Represent) -> Vec<u8> {
    match format {
        Format::Json => json(what),
        Format::Html => what.html().into_bytes(),
        Format::Text => what.text().into_bytes(),
        Format::Csv => table(what.missions()).into_bytes(),
    }
}

/// Adds headers. A value that cannot be a header is left out.
pub(crate) fn add(
    response: &mut Response,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// 303, for a browser.
pub(crate) fn see_other(location: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// 202, with the address where the missions will be.
pub(crate) fn accepted_at(accept: &Accept, location: String, seen: Seen) -> Response {
    let headers = [
        (header::LOCATION, location.clone()),
        (header::RETRY_AFTER, RETRY_AFTER.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    respond(
        accept,
        StatusCode::ACCEPTED,
        headers,
        &Waiting { accepted: Accepted::at(location), seen },
    )
}
