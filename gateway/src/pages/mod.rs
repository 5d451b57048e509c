//! The pages for browsers. They work without JavaScript and load nothing from other servers.

pub(crate) mod assets;
mod docs;
pub(crate) mod documents;
mod form;
mod html;
pub(crate) mod letters;
mod moment;
pub(crate) mod operations;
mod picture;
mod rules;
#[cfg(test)]
mod tests;
mod timeline;

use askama::Template;
use axum::http::{HeaderMap, header};
use schemas::casebook::Explanation;
use schemas::http::{Accepted, Timeline};
use schemas::{Mission, MissionId, Problem, ProblemKind};

use crate::representation::Listed;
use crate::timeline::REMEMBERED;
pub(crate) use form::tidied;
use html::html;
use timeline::Chart;

/// The home page: one button. `here` is how the caller addressed us.
pub(crate) fn home(headers: &HeaderMap) -> String {
    #[derive(Template)]
    #[template(path = "home.html")]
    struct Home<'a> {
        here: &'a str,
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    html(&Home { here: host.unwrap_or("localhost:8080") })
}

/// A mission's own page, and how it came to be if that is remembered.
pub(crate) fn mission(mission: &Mission, timeline: Option<&Timeline>) -> String {
    #[derive(Template)]
    #[template(path = "mission.html")]
    struct OfMission<'a> {
        mission: &'a Mission,
        words: Vec<String>,
        why: Option<Explanation<'a>>,
        when: String,
        chart: Option<Chart>,
        json: String,
    }
    html(&OfMission {
        mission,
        words: mission.dossier.to_string().split(' ').map(str::to_owned).collect(),
        why: rules::why(mission),
        when: moment::long(mission.created_at),
        chart: timeline.and_then(Chart::of),
        json: serde_json::to_string_pretty(mission).unwrap_or_default(), // our own type cannot fail
    })
}

/// The page of a mission that is not stored, because its request failed: why, and how far it came.
pub(crate) fn failed(timeline: &Timeline, reason: &str) -> String {
    #[derive(Template)]
    #[template(path = "failed.html")]
    struct Failed<'a> {
        mission: MissionId,
        reason: &'a str,
        chart: Option<Chart>,
    }
    html(&Failed { mission: timeline.mission, reason, chart: Chart::of(timeline) })
}

/// The missions of one request.
pub(crate) fn several(missions: &[Mission]) -> String {
    #[derive(Template)]
    #[template(path = "several.html")]
    struct Several<'a> {
        missions: &'a [Mission],
    }
    html(&Several { missions })
}

/// A page of the list.
pub(crate) fn list(listed: &Listed) -> String {
    #[derive(Template)]
    #[template(path = "list.html")]
    struct List<'a> {
        missions: &'a [Mission],
        objective: &'a str,
        target: &'a str,
        since: String,
        until: String,
        filtered: bool,
        first: Option<&'a str>,
        next: Option<&'a str>,
        objectives: &'static [String],
        targets: &'static [String],
        unreadable: &'a [MissionId],
    }
    let Listed { page, next_page, first_page, filter } = listed;
    let (objectives, targets) = rules::texts();
    html(&List {
        missions: &page.missions,
        objective: filter.objective.as_ref().map_or("", |text| text.as_str()),
        target: filter.target.as_ref().map_or("", |text| text.as_str()),
        since: filter.since.map_or_else(String::new, moment::field),
        until: filter.until.map_or_else(String::new, moment::field),
        filtered: *filter != store::Filter::default(),
        first: first_page.as_deref(),
        next: next_page.as_deref(),
        objectives,
        targets,
        unreadable: &page.unreadable,
    })
}

/// Seconds after which the page of an accepted request is loaded again.
const RELOAD: u8 = 2;

/// The page of missions that are not stored yet. It reloads itself until they are.
pub(crate) fn accepted(accepted: &Accepted) -> String {
    #[derive(Template)]
    #[template(path = "accepted.html")]
    struct Soon<'a> {
        location: &'a str,
    }
    html(&Soon { location: &accepted.location })
}

/// The page of a problem.
pub(crate) fn problem(problem: &Problem) -> String {
    #[derive(Template)]
    #[template(path = "problem.html")]
    struct Wrong<'a> {
        kind: ProblemKind,
        detail: &'a str,
        missions: &'a [MissionId],
    }
    let (kind, detail, missions) = (problem.kind(), problem.detail(), problem.missions());
    html(&Wrong { kind, detail, missions })
}

/// The page at a problem's `type`.
pub(crate) fn problem_kind(kind: ProblemKind) -> String {
    #[derive(Template)]
    #[template(path = "problem_kind.html")]
    struct Kind {
        kind: ProblemKind,
    }
    html(&Kind { kind })
}

/// The parts of a sentence, each with whether it is code, that is, between backticks.
fn quoted(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part))
}
