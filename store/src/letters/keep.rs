//! Keeping letters: the first row of an id stays, whatever happens.
//!
//! A message that was handled and dies again has the id of its first letter. It is another letter,
//! and gets an id that is made of the first one and its time of death, so that it is one row, too,
//! however often it is delivered.

use std::borrow::Cow;
use std::collections::HashMap;

use schemas::{DeadLetter, LetterId};

use crate::database::Database;
use crate::error::{Error, Failure, Rejected};
use crate::insert::{apart, guilty};

/// Bytes of bodies that go into one statement, which holds them twice: far below what a server
/// takes.
const BYTES: usize = DeadLetter::MAX_BODY;
/// How often a duplicate key may be reported without a row that has it: it was pruned between the
/// two statements.
const VANISHED: usize = 5;

/// A letter that is to be kept.
struct Row<'l> {
    /// Its id, as the caller knows it.
    id: LetterId,
    letter: Cow<'l, DeadLetter>,
}

pub(super) async fn keep(
    database: &Database,
    letters: &[DeadLetter],
) -> Result<Vec<Result<(), Rejected>>, Error> {
    let mut rejected: HashMap<LetterId, Rejected> = HashMap::new();
    let (mut work, mut vanished) = (portions(letters), 0);
    while let Some(rows) = work.pop() {
        let written: Vec<_> = rows.iter().map(|row| row.letter.as_ref()).collect();
        match database.insert_letters(&written).await {
            Ok(()) => {}
            Err(Failure::Duplicate) => {
                let (rows, changed) = without_those_kept(database, rows).await?;
                vanished += usize::from(!changed);
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
                _ => work.extend(apart(rows, failure)?),
            },
        }
    }
    Ok(letters.iter().map(|letter| rejected.get(&letter.id).cloned().map_or(Ok(()), Err)).collect())
}

/// Each id once, in the order of the ids, in portions that one statement takes.
fn portions(letters: &[DeadLetter]) -> Vec<Vec<Row<'_>>> {
    let mut rows: Vec<_> = letters.iter().collect();
    rows.sort_by_key(|letter| letter.id);
    rows.dedup_by_key(|letter| letter.id);
    let (mut portions, mut portion, mut bytes) = (Vec::new(), Vec::new(), 0);
    for letter in rows {
        let full =
            bytes + letter.body.len() > BYTES || portion.len() >= usize::from(DeadLetter::BATCH);
        if full && !portion.is_empty() {
            portions.push(std::mem::take(&mut portion));
            bytes = 0;
        }
        bytes += letter.body.len();
        portion.push(Row { id: letter.id, letter: Cow::Borrowed(letter) });
    }
    portions.extend((!portion.is_empty()).then_some(portion));
    portions
}

/// The rows that are still to be written, and whether they are other rows than before. A letter that
/// is kept is left out, unless it was handled and this is another death of its message.
async fn without_those_kept<'l>(
    database: &Database,
    rows: Vec<Row<'l>>,
) -> Result<(Vec<Row<'l>>, bool), Error> {
    let kept = database.kept(rows.iter().map(|row| row.letter.id).collect()).await?;
    let (mut left, mut changed) = (Vec::with_capacity(rows.len()), false);
    for row in rows {
        let Some((last_at, state)) = kept.get(&row.letter.id) else {
            left.push(row);
            continue;
        };
        changed = true;
        if !state.is_open() && *last_at != row.letter.last_at {
            left.push(Row { letter: Cow::Owned(row.letter.into_owned().again()), ..row });
        }
    }
    Ok((left, changed))
}
