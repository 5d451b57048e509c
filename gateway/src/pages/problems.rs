//! The pages of problems.

use askama::Template;
use schemas::{MissionId, Problem, ProblemKind};

use super::html::html;

/// What the page of a problem shows beside it.
pub(crate) struct Around<'a> {
    /// Seconds after which the request may come again.
    pub(crate) seconds: Option<&'a str>,
    /// The address, if following it again is all that a reader can do.
    pub(crate) again: Option<&'a str>,
    /// The id of the request.
    pub(crate) id: &'a str,
}

/// The page of a problem.
pub(crate) fn problem(problem: &Problem, around: &Around<'_>) -> String {
    #[derive(Template)]
    #[template(path = "problem.html")]
    struct Wrong<'a> {
        kind: ProblemKind,
        detail: &'a str,
        remedy: &'a str,
        repeat: &'a str,
        missions: &'a [MissionId],
        around: &'a Around<'a>,
    }
    let (kind, missions) = (problem.kind(), problem.missions());
    let detail = &sentence(problem.detail());
    let remedy = &remedy(kind, around.seconds);
    let repeat = problem.repeat().unwrap_or_default();
    html(&Wrong { kind, detail, remedy, repeat, missions, around })
}

/// What to do, without the names of members and headers that a reader of the page does not see.
fn remedy(kind: ProblemKind, seconds: Option<&str>) -> String {
    let words = kind.remedy().replace("`detail`", "the text above");
    let Some(seconds) = seconds.map(|seconds| format!("{seconds}\u{a0}s")) else { return words };
    let told = words
        .replace("as long as `Retry-After` says", &seconds)
        .replace("after `Retry-After` seconds", &format!("in {seconds}"));
    if told == words { format!("{words} Come again in {seconds}.") } else { told }
}

/// The words of a `detail`, which begin and end without the marks of a sentence, as one.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let end = if words.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    first.into_iter().chain(letters).chain(end.chars()).collect()
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
