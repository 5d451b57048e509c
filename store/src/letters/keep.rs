//! Keeping letters: the first row of an id stays, whatever happens.

use std::collections::{HashMap, HashSet};

use schemas::{DeadLetter, LetterId};
use uuid::Uuid;

use crate::database::{Access, Database};
use crate::error::{Error, Failure, Rejected};
use crate::insert::{apart, guilty};

/// Bytes of bodies that go into one statement, which holds them twice: far below what a server
/// takes.
const BYTES: usize = DeadLetter::MAX_BODY;
/// How often a duplicate key may be reported without a row that has it: it was pruned between the
/// two statements.
const VANISHED: usize = 5;

pub(super) async fn keep(
    database: &Database,
    letters: &[DeadLetter],
) -> Result<Vec<Result<(), Rejected>>, Error> {
    let mut rejected: HashMap<LetterId, Rejected> = HashMap::new();
    let (mut work, mut vanished) = (portions(letters), 0);
    while let Some(mut rows) = work.pop() {
        let sql = database.dialect().insert_rows(&rows);
        match database.run::<()>(Access::Write, sql).await {
            Ok(_) => {}
            Err(Failure::Duplicate) => {
                let before = rows.len();
                leave_out_kept(database, &mut rows).await?;
                vanished += usize::from(rows.len() == before);
                if vanished > VANISHED {
                    let detail = "a duplicate key, but no letter with that id".to_owned();
                    return Err(Error::Schema(detail));
                }
                work.extend((!rows.is_empty()).then_some(rows));
            }
            Err(failure) => match rows.as_slice() {
                [row] => {
                    rejected.insert(row.id, guilty(database, failure).await?);
                }
                rows => work.extend(apart(rows, failure)?),
            },
        }
    }
    Ok(letters.iter().map(|letter| rejected.get(&letter.id).cloned().map_or(Ok(()), Err)).collect())
}

/// Each id once, in the order of the ids, in portions that one statement takes.
fn portions(letters: &[DeadLetter]) -> Vec<Vec<&DeadLetter>> {
    let mut rows: Vec<_> = letters.iter().collect();
    rows.sort_by_key(|letter| letter.id);
    rows.dedup_by_key(|letter| letter.id);
    let (mut portions, mut portion, mut bytes) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        let full =
            bytes + row.body.len() > BYTES || portion.len() >= usize::from(DeadLetter::BATCH);
        if full && !portion.is_empty() {
            portions.push(std::mem::take(&mut portion));
            bytes = 0;
        }
        bytes += row.body.len();
        portion.push(row);
    }
    portions.extend((!portion.is_empty()).then_some(portion));
    portions
}

async fn leave_out_kept(database: &Database, rows: &mut Vec<&DeadLetter>) -> Result<(), Error> {
    let sql = database.dialect().kept(rows.iter().map(|row| row.id));
    let found = database.run::<(Uuid,)>(Access::Read, sql).await?;
    let kept: HashSet<_> = found.into_iter().map(|(id,)| LetterId::from(id)).collect();
    rows.retain(|row| !kept.contains(&row.id));
    Ok(())
}
