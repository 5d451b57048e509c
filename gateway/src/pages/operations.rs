//! The operations page. What changes is one part of it, which the stream of events sends again.

use askama::Template;
use schemas::CreatedAt;
use schemas::operations::{DeadLetterGroup, Level, Operations, Replica};

use super::picture::Picture;
use super::{html, moment};
use crate::figures::span;

/// The part of the page that changes.
#[derive(Template)]
#[template(path = "operations_now.html")]
struct Now<'a> {
    state: &'a Operations,
    picture: Picture,
    /// How old processes are is told in this moment's terms.
    at: CreatedAt,
}

/// The whole page.
pub(crate) fn page(state: &Operations, may_log_out: bool) -> String {
    #[derive(Template)]
    #[template(path = "operations.html")]
    struct Page<'a> {
        now: Now<'a>,
        may_log_out: bool,
    }
    html(&Page { now: Now::of(state), may_log_out })
}

/// The part that changes, for the stream.
pub(crate) fn now(state: &Operations) -> String {
    html(&Now::of(state))
}

/// The page that asks for the operator's token; `wrong` says why once more.
pub(crate) fn login(wrong: Option<&str>) -> String {
    #[derive(Template)]
    #[template(path = "operations_login.html")]
    struct Login<'a> {
        wrong: Option<&'a str>,
    }
    html(&Login { wrong })
}

impl<'a> Now<'a> {
    fn of(state: &'a Operations) -> Self {
        Self { state, picture: Picture::of(state), at: state.at }
    }

    /// How long a process has run.
    fn age(&self, replica: &Replica) -> String {
        let micros = self.at.micros().saturating_sub(replica.since.micros());
        span(u64::try_from(micros).unwrap_or_default() / 1_000_000)
    }

    fn has_incidents(&self) -> bool {
        !self.state.incidents.is_empty()
    }
}

/// The class of a finding.
fn class(level: &Level) -> &'static str {
    match level {
        Level::Well => "well",
        Level::Note => "note",
        Level::Act => "act",
    }
}

/// The query that selects the letters of a group.
fn group(group: &DeadLetterGroup) -> String {
    let pairs = [("reason", &group.reason), ("role", &group.role)];
    serde_urlencoded::to_string(pairs).unwrap_or_default() // it cannot fail
}

/// A time in a sentence.
fn long(at: &CreatedAt) -> String {
    moment::long(*at)
}

/// A time in a table.
fn brief(at: &CreatedAt) -> String {
    moment::short(*at)
}

/// The end of an instance's name tells it from others of its role.
fn short(instance: &str) -> &str {
    let id = instance.split_once('.').map_or(instance, |(_, id)| id);
    id.split('-').next().unwrap_or(id)
}
