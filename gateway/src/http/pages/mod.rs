//! The pages that a browser is shown.

use schemas::{Mission, Problem, ProblemKind};

use super::answer::{Accepted, Page};

/// The home page: one button.
pub(super) fn home() -> String {
    "<!doctype html><title>spymission</title><form method=post action=/missions><button>New mission</button></form>".to_owned()
}

/// A mission's own page.
pub(super) fn mission(mission: &Mission) -> String {
    format!("<!doctype html><p>{} {}", mission.objective, mission.target)
}

/// The missions of one request.
pub(super) fn several(missions: &[Mission]) -> String {
    missions.iter().map(mission).collect()
}

/// A page of the list.
pub(super) fn list(page: &Page) -> String {
    several(&page.missions)
}

/// The missions are not there yet: it reloads itself until they are.
pub(super) fn accepted(accepted: &Accepted) -> String {
    format!(
        "<!doctype html><meta http-equiv=refresh content=1><a href=\"{}\">soon</a>",
        accepted.location
    )
}

/// Something went wrong.
pub(super) fn problem(problem: &Problem) -> String {
    problem.to_string()
}

/// What stands behind a problem's `type`.
pub(super) fn problem_kind(kind: ProblemKind) -> String {
    kind.title().to_owned()
}
