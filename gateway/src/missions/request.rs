//! One caller's request: which missions it means, and where they are.

use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use schemas::{
    CallerRequest, IdempotencyKey, Mission, MissionId, MissionIds, Missions, Problem, ProblemKind,
};
use store::Store;
use time::OffsetDateTime;
use uuid::Uuid;

use super::body::Count;
use super::response::respond;
use crate::correlator::{Admission, Trace};
use crate::representation::{Accept, Refusal, database_away};

/// A request for missions, with their ids.
#[derive(Clone, Copy)]
pub(crate) struct MissionRequest {
    request: CallerRequest,
    count: Count,
    keyed: bool,
}

/// How much of a request with a key is stored before it is published.
pub(crate) enum Stored {
    /// All of it.
    All(Vec<Mission>),
    /// Nothing.
    Nothing,
}

impl MissionRequest {
    pub(crate) fn new(count: Count, key: Option<&IdempotencyKey>, new_id: fn() -> Uuid) -> Self {
        let request = key.map_or_else(|| CallerRequest::new(new_id()), CallerRequest::keyed);
        Self { request, count, keyed: key.is_some() }
    }

    fn count(&self) -> usize {
        match self.count {
            Count::One => 1,
            Count::List(count) => count.into(),
        }
    }

    pub(crate) fn ids(&self) -> Result<MissionIds, Problem> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        MissionIds::try_from(ids).map_err(|e| Problem::new(ProblemKind::Invalid, e.to_string()))
    }

    /// What it asks the correlator to admit.
    pub(crate) fn admission(&self, trace: Option<Trace>) -> Result<Admission, Problem> {
        Ok(Admission { ids: self.ids()?, keyed: self.keyed, trace })
    }

    /// Where the missions are, or will be.
    pub(crate) fn location(&self) -> String {
        match self.count {
            Count::One => format!("/missions/{}", self.request),
            Count::List(count) => format!("/missions?request={}&count={count}", self.request),
        }
    }

    /// Where the missions will be that are accepted now.
    pub(crate) fn expected(&self, clock: fn() -> OffsetDateTime) -> String {
        let separator = if matches!(self.count, Count::One) { '?' } else { '&' };
        format!("{}{separator}accepted={}", self.location(), clock().unix_timestamp())
    }

    /// A response with the missions: one object, or a list.
    pub(crate) fn response(
        &self,
        accept: &Accept,
        status: StatusCode,
        headers: impl IntoIterator<Item = (HeaderName, String)>,
        missions: Vec<Mission>,
    ) -> Response {
        match (self.count, missions.as_slice()) {
            (Count::One, [mission]) => respond(accept, status, headers, mission),
            _ => respond(accept, status, headers, &Missions { missions }),
        }
    }

    /// All its missions, if all are stored.
    pub(crate) async fn find(&self, store: &Store) -> Result<Option<Vec<Mission>>, store::Error> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        let missions = store.find(&ids).await?;
        Ok((missions.len() == ids.len()).then_some(missions))
    }

    /// What is stored under its key. A stored count n shows as rows 0 to n-1, and no row n.
    pub(crate) async fn stored(&self, store: &Store) -> Result<Stored, Refusal> {
        let ids: Vec<_> = self.request.missions(self.count() + 1).collect();
        let mut missions = store.find(&ids).await.map_err(|error| database_away(&error))?;
        let stored = missions.iter().zip(&ids).take_while(|(row, id)| row.id == **id).count();
        match stored {
            0 => Ok(Stored::Nothing),
            n if n == self.count() => {
                missions.truncate(n);
                Ok(Stored::All(missions))
            }
            1 => Err(other_count("one mission")),
            n if n < self.count() => Err(other_count(&format!("{n} missions"))),
            _ => Err(other_count("more missions")),
        }
    }

    /// Checks that no larger count is stored under its key: two gateways may have accepted different
    /// counts at the same time. If the database does not answer, the check is left out.
    pub(crate) async fn no_larger_count(&self, store: &Store) -> Result<(), Refusal> {
        let Some(next) = self.next().filter(|_| self.keyed) else { return Ok(()) };
        match store.find(&[next]).await {
            Ok(rows) if !rows.is_empty() => Err(other_count("more missions")),
            _ => Ok(()),
        }
    }

    /// The mission that a larger count would have.
    fn next(&self) -> Option<MissionId> {
        u8::try_from(self.count()).ok().map(|i| self.request.mission(i))
    }
}

fn other_count(stored: &str) -> Refusal {
    let detail = format!(
        "`count`: this `Idempotency-Key` was used for {stored}: repeat the same `count`, or use \
         another key"
    );
    Problem::new(ProblemKind::Invalid, detail).into()
}
