//! The pages for browsers. They work without JavaScript and load nothing from other servers.

pub(crate) mod about;
pub(crate) mod assets;
pub(crate) mod casebook;
mod docs;
pub(crate) mod documents;
mod form;
mod html;
pub(crate) mod letters;
mod moment;
pub(crate) mod operations;
mod picture;
mod pipeline;
mod problems;
mod rules;
#[cfg(test)]
mod tests;
mod timeline;

use askama::Template;
use axum::http::{HeaderMap, header};
use schemas::casebook::Explanation;
use schemas::http::{Accepted, Timeline};
use schemas::{CreatedAt, Mission, MissionId, Role};
use store::{Direction, Filter, Total};
use uuid::Uuid;

use crate::figures;
use crate::representation::{Links, Listed};
use crate::timeline::REMEMBERED;
pub use docs::shown_rust;
pub(crate) use form::tidied;
use html::html;
use picture::Picture;
use pipeline::PIPELINE;
pub(crate) use problems::{Around, problem, problem_kind};
use timeline::Chart;

/// The home page: one button. `key` makes it one request, however often the form is sent.
pub(crate) fn home(headers: &HeaderMap, key: Uuid) -> String {
    #[derive(Template)]
    #[template(path = "home.html")]
    struct Home<'a> {
        /// How the caller addressed us.
        here: &'a str,
        scheme: &'static str,
        key: Uuid,
        picture: &'static Picture,
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // Only this caller sees what it says here.
    let secure = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let scheme = if secure { "https" } else { "http" };
    html(&Home { here: host.unwrap_or("localhost:8080"), scheme, key, picture: &PIPELINE })
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
        /// The dossier in an address.
        query: String,
    }
    html(&OfMission {
        mission,
        words: mission.dossier.to_string().split(' ').map(str::to_owned).collect(),
        why: rules::why(mission),
        when: moment::long(mission.created_at),
        chart: timeline.and_then(Chart::of),
        query: mission.dossier.to_string().replace(' ', "+"),
        json: serde_json::to_string_pretty(mission).unwrap_or_default(), // our own type cannot fail
    })
}

/// The page of a mission that is not stored, because its request failed: why, and how far it came.
pub(crate) fn failed(timeline: &Timeline, reason: &str) -> String {
    set_aside(&SetAside {
        mission: timeline.mission,
        timeline: Some(timeline),
        reason,
        is_discarded: false,
        again: &format!("/missions/{}", timeline.mission),
    })
}

/// A mission whose request was set aside.
pub(crate) struct SetAside<'a> {
    pub(crate) mission: MissionId,
    pub(crate) timeline: Option<&'a Timeline>,
    /// The kind of problem, a colon, and what exactly.
    pub(crate) reason: &'a str,
    /// An operator does not want it any more.
    pub(crate) is_discarded: bool,
    /// Where the mission will be if it is replayed.
    pub(crate) again: &'a str,
}

/// The page of a mission, or of several, whose request was set aside.
pub(crate) fn set_aside(failure: &SetAside<'_>) -> String {
    #[derive(Template)]
    #[template(path = "failed.html")]
    struct Failed<'a> {
        failure: &'a SetAside<'a>,
        /// The reason without the kind of problem.
        why: &'a str,
        chart: Option<Chart>,
    }
    let why = failure.reason.split_once(": ").map_or(failure.reason, |(_, why)| why);
    html(&Failed { failure, why, chart: failure.timeline.and_then(Chart::of) })
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
        links: &'a Links,
        dossier: &'a str,
        casebook: &'a str,
        looked_to: Option<&'a (CreatedAt, Direction)>,
        looked_at: String,
        total: Option<String>,
        /// Where the search goes on.
        onward: Option<Direction>,
        objectives: Vec<&'a str>,
        targets: Vec<&'a str>,
        unreadable: &'a [MissionId],
    }
    let Listed { page, links, filter, total, looked_to } = listed;
    let (objectives, targets) = rules::texts();
    let objective = filter.objective.as_ref().map_or("", |text| text.as_str());
    let target = filter.target.as_ref().map_or("", |text| text.as_str());
    html(&List {
        missions: &page.missions,
        objective,
        target,
        since: filter.since.map_or_else(String::new, moment::field),
        until: filter.until.map_or_else(String::new, moment::field),
        filtered: *filter != Filter::default(),
        links,
        dossier: filter.dossier.as_ref().map_or("", |dossier| dossier.as_str()),
        casebook: filter.casebook.as_ref().map_or("", |text| text.as_str()),
        looked_to: looked_to.as_ref(),
        onward: looked_to.as_ref().map(|(_, direction)| *direction),
        total: total.map(in_all),
        looked_at: figures::whole(Filter::LOOKED_AT.into()),
        objectives: choices(objectives, objective),
        targets: choices(targets, target),
        unreadable: &page.unreadable,
    })
}

/// How many missions there are, and how well that is known.
fn in_all(total: Total) -> String {
    match total {
        Total::Exactly(1) => "1 mission".to_owned(),
        Total::Exactly(count) => format!("{} missions", figures::whole(count)),
        Total::About(count) => format!("about {} missions", figures::about(count)),
        Total::MoreThan(count) => format!("more than {} missions", figures::whole(count)),
    }
}

/// The texts of the built-in casebook, and the chosen one: it may be of another casebook.
fn choices<'a>(texts: &'static [String], chosen: &'a str) -> Vec<&'a str> {
    let mut all: Vec<&'a str> = texts.iter().map(String::as_str).collect();
    if !chosen.is_empty() && !all.contains(&chosen) {
        all.push(chosen);
    }
    all
}

/// Seconds after which the page of an accepted request is loaded again.
const RELOAD: u8 = 2;

/// The page of missions that are not stored yet: how far they came, and the names of the roles of
/// which no process is there. It reloads itself until they are stored.
pub(crate) fn accepted(
    accepted: &Accepted,
    timeline: Option<&Timeline>,
    silent: &[&str],
) -> String {
    #[derive(Template)]
    #[template(path = "accepted.html")]
    struct Soon<'a> {
        location: &'a str,
        request: String,
        silent: Vec<String>,
        chart: Option<Chart>,
    }
    let silent = silent.iter().filter_map(|name| Some(Role::parse(name)?.title())).collect();
    let request = timeline.map(|timeline| timeline.mission.to_string());
    let mut request = request.unwrap_or_default();
    request.truncate(request.len().saturating_sub(2)); // the missions of a request differ in the end
    html(&Soon {
        location: &accepted.location,
        request,
        silent,
        chart: timeline.and_then(Chart::of),
    })
}

/// The parts of a sentence, each with whether it is code, that is, between backticks.
fn quoted(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`').enumerate().map(|(place, part)| (place % 2 == 1, part))
}
