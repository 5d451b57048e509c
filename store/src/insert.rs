//! Storing: the first row of an id is kept, whatever happens.

use std::collections::HashMap;

use schemas::{CreatedAt, Mission, MissionId};
use seams::{Mutant, planted};

use crate::database::{Access, Database};
use crate::error::{Error, Failure, Rejected};
use crate::read;
use crate::sql::{ROWS, names};

/// How often a duplicate key may be reported without a row that has it: the row was deleted between
/// the two statements, which does not happen again and again.
const VANISHED: usize = 5;

/// The outcome of the missions of one call that were not simply inserted.
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
        telemetry::process().rows.record(rows.len());
        match database.insert(&rows, now).await {
            Ok(()) => {}
            Err(Failure::Duplicate) if planted(Mutant::ReplyFromMessage) => {}
            Err(Failure::Duplicate) => {
                let before = rows.len();
                take_stored(database, &mut rows, &mut differing).await?;
                vanished += usize::from(rows.len() == before);
                if vanished > VANISHED {
                    return Err(Error::Schema(
                        "a duplicate key, but no row with that id".to_owned(),
                    ));
                }
                work.extend((!rows.is_empty()).then_some(rows));
            }
            Err(failure) => match rows.as_slice() {
                [row] => {
                    differing.insert(row.id, Err(guilty(database, failure).await?));
                }
                _ if planted(Mutant::NeighboursRefused) => {
                    let reason = format!("{failure:?}");
                    let refused = || Err(Rejected { reason: reason.clone() });
                    differing.extend(rows.iter().map(|row| (row.id, refused())));
                }
                _ => work.extend(apart(rows, failure)?),
            },
        }
    }
    let outcome = |mission: Mission| differing.get(&mission.id).cloned().unwrap_or(Ok(mission));
    Ok(missions.into_iter().map(outcome).collect())
}

/// Each id once, with its first decision, in the order of the ids: two calls with the same ids then
/// take their locks in the same order.
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

/// Takes those that are stored already out of the rows. Their outcome is the stored row; a stored
/// row that cannot be read refuses its mission.
async fn take_stored(
    database: &Database,
    rows: &mut Vec<&Mission>,
    differing: &mut Differing,
) -> Result<(), Error> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let found = read::find(database, &ids).await?;
    let mut stored: Differing = found.missions.into_iter().map(|m| (m.id, Ok(m))).collect();
    for wrong in found.unreadable {
        let reason = format!("this id is stored already, but {wrong}");
        stored.extend(wrong.id.map(|id| (id, Err(Rejected { reason }))));
    }
    rows.retain(|row| !stored.contains_key(&row.id));
    differing.extend(stored);
    Ok(())
}

/// A failure of many rows does not tell which is meant: each half is tried for itself, down to the
/// single row. One bad row of 1,024 costs 20 statements instead of 1,024.
///
/// # Errors
/// The failure is about no row.
pub(crate) fn apart<T>(mut rows: Vec<T>, failure: Failure) -> Result<[Vec<T>; 2], Error> {
    match failure {
        Failure::Refused(_) | Failure::Broken(_) | Failure::Unknown(_) => {
            let right = rows.split_off(rows.len() / 2);
            Ok([rows, right])
        }
        other => Err(other.into()),
    }
}

/// Why a single row is refused. An error that this program does not know is the row's, if the
/// database would take another row now.
///
/// # Errors
/// The failure is not the row's: the database is away.
pub(crate) async fn guilty(database: &Database, failure: Failure) -> Result<Rejected, Error> {
    match failure {
        Failure::Refused(reason) => Ok(Rejected { reason }),
        Failure::Unknown(reason) => {
            may_insert(database).await?;
            Ok(Rejected { reason })
        }
        other => Err(other.into()),
    }
}

/// Whether the database takes rows. None is stored.
pub(crate) async fn may_insert(database: &Database) -> Result<(), Error> {
    let columns = names::<Mission>();
    let sql =
        format!("INSERT INTO missions ({columns}) SELECT {columns} FROM missions WHERE 1 = 0");
    Ok(database.run::<()>(Access::Write, sql).await.map(drop)?)
}
