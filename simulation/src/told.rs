//! What a caller was told.

use schemas::{Mission, Problem, ProblemKind};

/// What a caller was told of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// Its missions are stored.
    Created(Vec<Mission>),
    /// Its request is kept: 202, or the broker's confirm.
    Kept,
    /// Nothing was published.
    Nothing,
    /// It may have happened or not.
    Unknown,
    /// It failed for this reason.
    Failed(ProblemKind),
    /// Its request is wrong, or is being carried out.
    Wrong(ProblemKind),
}

impl Told {
    /// What this answer over HTTP says.
    ///
    /// # Errors
    /// It says nothing that a gateway may say.
    pub(crate) fn of(status: u16, body: &[u8]) -> Result<Self, String> {
        let text = || format!("{status} {}", String::from_utf8_lossy(body));
        if status == 201 || status == 200 {
            return missions(body).map(Self::Created).ok_or_else(text);
        }
        if status == 202 {
            return Ok(Self::Kept);
        }
        let problem: Problem = serde_json::from_slice(body).map_err(|_| text())?;
        Ok(match problem.kind() {
            ProblemKind::Unavailable => Self::Nothing,
            ProblemKind::Unconfirmed => Self::Unknown,
            kind if status < 500 && kind != ProblemKind::Expired => Self::Wrong(kind),
            kind => Self::Failed(kind),
        })
    }

    /// Whether the request may have been published.
    pub(crate) fn may_have_happened(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Wrong(_))
    }

    /// Whether the request must come to an end.
    pub(crate) fn is_promise(&self) -> bool {
        matches!(self, Self::Created(_) | Self::Kept)
    }
}

/// One mission, or a list.
pub(crate) fn missions(body: &[u8]) -> Option<Vec<Mission>> {
    serde_json::from_slice(body).map(|one| vec![one]).ok().or_else(|| {
        let list: schemas::Missions = serde_json::from_slice(body).ok()?;
        Some(list.missions)
    })
}
