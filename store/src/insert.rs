//! Storing: whatever happens, the first row stands.

use std::collections::HashMap;

use schemas::{CreatedAt, Mission, MissionId};

use crate::database::{Access, Database};
use crate::error::{Error, Failure, Rejected};

/// At most this many rows go into one statement: it stays far below every server's packet limit,
/// and a rival waits for milliseconds only.
pub(crate) const ROWS: usize = Mission::BATCH as usize;

/// How often a duplicate key may be reported of which no row is found: the row was pruned between
/// the two statements, which does not happen again and again.
const VANISHED: usize = 5;

/// What became of the missions of one call that were not simply inserted as they came.
type Differing = HashMap<MissionId, Result<Mission, Rejected>>;

/// Stores these missions, all created `now`; the i-th result is the i-th mission's.
pub(crate) async fn store(
    database: &Database,
    missions: Vec<Mission>,
    now: CreatedAt,
) -> Result<Vec<Result<Mission, Rejected>>, Error> {
    let mut differing = Differing::new();
    let mut work: Vec<Vec<&Mission>> =
        sorted(&missions, &mut differing).chunks(ROWS).map(<[_]>::to_vec).collect();
    let mut vanished = 0;
    while let Some(mut rows) = work.pop() {
        match database.run::<()>(Access::Write, database.dialect().insert(&rows, now)).await {
            Ok(_) => {}
            Err(Failure::Duplicate) => {
                let before = rows.len();
                take_standing(database, &mut rows, &mut differing).await?;
                vanished += usize::from(rows.len() == before);
                if vanished > VANISHED {
                    return Err(Error::Schema(
                        "a duplicate key, but no row with that id".to_owned(),
                    ));
                }
                work.extend((!rows.is_empty()).then_some(rows));
            }
            Err(Failure::Refused(reason)) => work.extend(apart(rows, reason, &mut differing)),
            Err(failure) => return Err(failure.into()),
        }
    }
    let outcome = |mission: Mission| differing.get(&mission.id).cloned().unwrap_or(Ok(mission));
    Ok(missions.into_iter().map(outcome).collect())
}

/// Each id once, the first decision of it, in the order of the ids: two calls with the same ids
/// then take their locks in the same order.
fn sorted<'m>(missions: &'m [Mission], differing: &mut Differing) -> Vec<&'m Mission> {
    let mut rows: Vec<&Mission> = missions.iter().collect();
    rows.sort_by_key(|mission| mission.id); // stable: of two with one id the first stays the first
    rows.dedup_by(|later, first| {
        let twice = later.id == first.id;
        if twice {
            differing.insert(first.id, Ok(first.clone()));
        }
        twice
    });
    rows
}

/// Takes those that stand out of the rows; the rows of the table are their outcome.
async fn take_standing(
    database: &Database,
    rows: &mut Vec<&Mission>,
    differing: &mut Differing,
) -> Result<(), Error> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let standing: HashMap<_, _> = database
        .missions(database.dialect().find(&ids))
        .await?
        .into_iter()
        .map(|m| (m.id, m))
        .collect();
    rows.retain(|row| !standing.contains_key(&row.id));
    differing.extend(standing.into_iter().map(|(id, mission)| (id, Ok(mission))));
    Ok(())
}

/// A refusal of many rows does not tell which is meant: each half is tried for itself, down to the
/// single row. One bad row of 1,024 costs 20 statements instead of 1,024.
fn apart<'m>(
    rows: Vec<&'m Mission>,
    reason: String,
    differing: &mut Differing,
) -> Vec<Vec<&'m Mission>> {
    if let [row] = rows.as_slice() {
        differing.insert(row.id, Err(Rejected { reason }));
        return Vec::new();
    }
    let (left, right) = rows.split_at(rows.len() / 2);
    vec![left.to_vec(), right.to_vec()]
}
