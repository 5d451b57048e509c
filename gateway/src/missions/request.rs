//! One caller's request: which missions it means, and where they are.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderName, StatusCode};
use axum::response::Response;
use schemas::http::MissionCount;
use schemas::{
    CallerRequest, CreatedAt, IdempotencyKey, Mission, MissionId, MissionIds, Missions, Problem,
    ProblemKind,
};
use seams::{Mutant, planted};
use store::Store;
use time::OffsetDateTime;
use uuid::Uuid;

use super::response::respond;
use crate::correlator::{Admission, Trace};
use crate::representation::{Accept, Refusal, database_away, readable};
use crate::seal::Seal;
use crate::shutdown::LOOK;

/// How long an accepted request is expected to be stored.
pub(crate) const EXPECTED: Duration = Duration::from_secs(24 * 60 * 60);

/// A request for missions, with their ids.
#[derive(Clone, Copy)]
pub(crate) struct MissionRequest {
    request: CallerRequest,
    count: MissionCount,
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
    pub(crate) fn new(
        count: MissionCount,
        key: Option<&IdempotencyKey>,
        new_id: fn() -> Uuid,
    ) -> Self {
        let named = key.filter(|_| !planted(Mutant::KeyIgnored));
        let request = named.map_or_else(|| CallerRequest::new(new_id()), CallerRequest::keyed);
        Self { request, count, keyed: key.is_some() }
    }

    /// How many missions it requests.
    pub(crate) fn count(&self) -> usize {
        match self.count {
            MissionCount::One => 1,
            MissionCount::List(count) => count.into(),
        }
    }

    pub(crate) fn ids(&self) -> Result<MissionIds, Problem> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        MissionIds::try_from(ids).map_err(|e| Problem::new(ProblemKind::Invalid, e.to_string()))
    }

    /// The caller that the correlator is to admit.
    pub(crate) fn admission(
        &self,
        trace: Option<Trace>,
        client: Option<IpAddr>,
    ) -> Result<Admission, Problem> {
        Ok(Admission { ids: self.ids()?, keyed: self.keyed, trace, client })
    }

    /// Where the missions are, or will be.
    pub(crate) fn location(&self) -> String {
        match self.count {
            MissionCount::One => format!("/missions/{}", self.request),
            MissionCount::List(count) => {
                format!("/missions?request={}&count={count}", self.request)
            }
        }
    }

    /// Where the missions will be that are accepted now.
    pub(crate) fn expected(&self, seal: &Seal, now: OffsetDateTime) -> String {
        let separator = if matches!(self.count, MissionCount::One) { '?' } else { '&' };
        let location = self.location();
        let accepted = seal.accept(&location, now.unix_timestamp());
        format!("{location}{separator}accepted={accepted}")
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
            (MissionCount::One, [mission]) => respond(accept, status, headers, mission),
            _ => respond(accept, status, headers, &Missions { missions }),
        }
    }

    /// All its missions, if all are stored.
    pub(crate) async fn find(&self, store: &Store) -> Result<Option<Vec<Mission>>, store::Error> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        let missions = look(store, &ids).await?.missions;
        Ok((missions.len() == ids.len()).then_some(missions))
    }

    /// What is stored under its key. A stored count n shows as rows 0 to n-1, and no row n. The
    /// rows of a list that was split come one by one and in any order, so a part of the rows does
    /// not tell the count.
    ///
    /// # Errors
    ///
    /// A larger count is stored, or a part of the rows, or the database does not answer.
    pub(crate) async fn stored(
        &self,
        store: &Store,
        now: OffsetDateTime,
    ) -> Result<Stored, Refusal> {
        let ids: Vec<_> = self.request.missions(self.count() + 1).collect();
        let found = look(store, &ids).await.map_err(|error| database_away(&error))?;
        readable(&found)?;
        self.stored_in(found.missions, now)
    }

    fn stored_in(&self, rows: Vec<Mission>, now: OffsetDateTime) -> Result<Stored, Refusal> {
        if rows.iter().any(|row| Some(row.id) == self.next()) {
            return Err(larger_count());
        }
        match rows.len() {
            0 => Ok(Stored::Nothing),
            n if n == self.count() => Ok(Stored::All(rows)),
            n => Err(self.stored_in_part(n, rows.iter().map(|row| row.created_at).max(), now)),
        }
    }

    /// A part of the rows is stored: the others are on their way, or the key was used for a smaller
    /// count.
    fn stored_in_part(
        &self,
        rows: usize,
        newest: Option<CreatedAt>,
        now: OffsetDateTime,
    ) -> Refusal {
        let of = self.count();
        let detail = format!(
            "`count`: {rows} of {of} missions are stored under this `Idempotency-Key`: repeat the \
             request later, or use another key if this one was used with another `count`"
        );
        let mut refusal = Refusal::from(Problem::new(ProblemKind::Conflict, detail));
        if newest.is_some_and(|newest| newest.micros() < micros(now - EXPECTED)) {
            refusal.headers.clear(); // no `Retry-After`: what is missing may have been set aside
        }
        refusal
    }

    /// Checks that no larger count is stored under its key: two gateways may have accepted different
    /// counts at the same time. If the database does not answer, the check is left out.
    pub(crate) async fn no_larger_count(&self, store: &Store) -> Result<(), Refusal> {
        let Some(next) = self.next().filter(|_| self.keyed) else { return Ok(()) };
        match look(store, &[next]).await {
            Ok(found) if found != store::Found::default() => Err(larger_count()),
            _ => Ok(()),
        }
    }

    /// The mission that a larger count would have.
    fn next(&self) -> Option<MissionId> {
        u8::try_from(self.count()).ok().map(|i| self.request.mission(i))
    }
}

/// The missions among these that are stored, if the database tells in time.
async fn look(store: &Store, ids: &[MissionId]) -> Result<store::Found, store::Error> {
    let late = |_| store::Error::Unavailable(format!("no answer within {} s", LOOK.as_secs()));
    tokio::time::timeout(LOOK, store.find(ids)).await.map_err(late)?
}

fn micros(time: OffsetDateTime) -> i64 {
    CreatedAt::truncated(time).micros()
}

fn larger_count() -> Refusal {
    let detail = "`count`: this `Idempotency-Key` was used for more missions: repeat the same \
                  `count`, or use another key";
    Problem::new(ProblemKind::Invalid, detail).into()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// What a request for this many missions finds when these of them are stored.
    fn stored_in(count: u16, rows: &[u8]) -> Result<usize, (ProblemKind, bool)> {
        stored_at(count, rows, datetime!(2026-11-22 13:25 UTC))
    }

    fn stored_at(
        count: u16,
        rows: &[u8],
        now: OffsetDateTime,
    ) -> Result<usize, (ProblemKind, bool)> {
        let key = "k".parse().unwrap();
        let request = MissionRequest::new(MissionCount::List(count), Some(&key), Uuid::nil);
        let row = |i: &u8| {
            let id = request.request.mission(*i);
            let json = serde_json::json!({
                "id": id, "dossier": "19 z 4 a 7 k 0 b 12 q 3 m", "objective": "Follow",
                "target": "Duchess", "casebook": "malory", "created_at": "2026-11-22T13:24:51Z",
            });
            serde_json::from_value(json).unwrap()
        };
        match request.stored_in(rows.iter().map(row).collect(), now) {
            Ok(Stored::All(missions)) => Ok(missions.len()),
            Ok(Stored::Nothing) => Ok(0),
            Err(refusal) => Err((
                refusal.problem.kind(),
                refusal.headers.iter().any(|(name, _)| *name == axum::http::header::RETRY_AFTER),
            )),
        }
    }

    #[test]
    fn a_list_that_is_stored_in_part_may_be_repeated_until_it_is_stored_whole() {
        assert_eq!(stored_in(3, &[]), Ok(0));
        for part in [&[0][..], &[2], &[0, 1], &[0, 2], &[1, 2]] {
            assert_eq!(stored_in(3, part), Err((ProblemKind::Conflict, true)), "{part:?}");
        }
        assert_eq!(stored_in(3, &[0, 1, 2]), Ok(3));
        assert_eq!(stored_in(256, &Vec::from_iter(0..=255)), Ok(256));
    }

    #[test]
    fn what_is_missing_after_a_day_is_not_to_be_waited_for() {
        let tomorrow = datetime!(2026-11-23 13:25 UTC);
        assert_eq!(stored_at(3, &[0, 1], tomorrow), Err((ProblemKind::Conflict, false)));
    }

    #[test]
    fn a_smaller_count_than_the_key_was_used_for_is_refused() {
        for more in [&[0, 1, 2, 3][..], &[0, 3], &[3]] {
            assert_eq!(stored_in(3, more), Err((ProblemKind::Invalid, false)), "{more:?}");
        }
    }
}
