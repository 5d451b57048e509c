//! One caller's request: which missions it means, and where they are.

use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use schemas::{
    CallerRequest, IdempotencyKey, Mission, MissionId, MissionIds, Missions, Problem, ProblemKind,
};
use store::Store;
use time::OffsetDateTime;
use uuid::Uuid;

use super::answer::{Refusal, answer, database_away};
use super::negotiate::Asked;
use super::wish::Wish;
use crate::correlator::{Admission, Trace};

/// One caller's request.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    request: CallerRequest,
    wish: Wish,
    keyed: bool,
}

/// What stands of a request with a key, before it is published.
pub(crate) enum Standing {
    /// All of it.
    Here(Vec<Mission>),
    /// Nothing.
    Nothing,
}

impl Order {
    pub(crate) fn new(wish: Wish, key: Option<&IdempotencyKey>, new_id: fn() -> Uuid) -> Self {
        let request = key.map_or_else(|| CallerRequest::new(new_id()), CallerRequest::keyed);
        Self { request, wish, keyed: key.is_some() }
    }

    fn count(&self) -> usize {
        match self.wish {
            Wish::One => 1,
            Wish::Several(count) => count.into(),
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
        match self.wish {
            Wish::One => format!("/missions/{}", self.request),
            Wish::Several(count) => format!("/missions?request={}&count={count}", self.request),
        }
    }

    /// Where the missions will be that are accepted now.
    pub(crate) fn expected(&self, clock: fn() -> OffsetDateTime) -> String {
        let separator = if matches!(self.wish, Wish::One) { '?' } else { '&' };
        format!("{}{separator}accepted={}", self.location(), clock().unix_timestamp())
    }

    /// The missions as they were asked for: one alone, or a list.
    pub(crate) fn shown(
        &self,
        asked: &Asked,
        status: StatusCode,
        headers: impl IntoIterator<Item = (HeaderName, String)>,
        missions: Vec<Mission>,
    ) -> Response {
        match (self.wish, missions.as_slice()) {
            (Wish::One, [mission]) => answer(asked, status, headers, mission),
            _ => answer(asked, status, headers, &Missions { missions }),
        }
    }

    /// All its missions, once all stand.
    pub(crate) async fn find(&self, store: &Store) -> Result<Option<Vec<Mission>>, store::Error> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        let missions = store.find(&ids).await?;
        Ok((missions.len() == ids.len()).then_some(missions))
    }

    /// What stands under its key: a stored count n shows as rows 0..n-1 standing and row n not.
    pub(crate) async fn standing(&self, store: &Store) -> Result<Standing, Refusal> {
        let ids: Vec<_> = self.request.missions(self.count() + 1).collect();
        let mut missions = store.find(&ids).await.map_err(|error| database_away(&error))?;
        let stand = missions.iter().zip(&ids).take_while(|(row, id)| row.id == **id).count();
        match stand {
            0 => Ok(Standing::Nothing),
            n if n == self.count() => {
                missions.truncate(n);
                Ok(Standing::Here(missions))
            }
            1 => Err(other_count("one mission")),
            n if n < self.count() => Err(other_count(&format!("{n} missions"))),
            _ => Err(other_count("more missions")),
        }
    }

    /// Two replicas may have been asked for different counts under one key at the same time: a row
    /// behind the last one tells. A database that cannot tell now does not undo what stands.
    pub(crate) async fn alone(&self, store: &Store) -> Result<(), Refusal> {
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
        "`count`: this `Idempotency-Key` already stands for {stored}: ask for as many, or use another \
         key"
    );
    Problem::new(ProblemKind::Invalid, detail).into()
}
