//! Recording what is done about a letter.

use schemas::Action;

use super::list;
use crate::database::{Access, Database};
use crate::error::{Error, Failure};

/// How often a taken number may be reported without a row that has it: it was pruned between the two
/// statements.
const VANISHED: usize = 5;

/// What became of a step that was to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded.
    Yes,
    /// Somebody else took this step, or another one, first.
    Other(Action),
}

pub(super) async fn record(database: &Database, action: &Action) -> Result<Recorded, Error> {
    for _ in 0..VANISHED {
        let sql = database.dialect().insert_rows(&[action]);
        match database.run::<()>(Access::Write, sql).await {
            Ok(_) => return Ok(Recorded::Yes),
            Err(Failure::Duplicate) => {}
            Err(failure) => return Err(failure.into()),
        }
        // It may be our own: the answer to the first try was lost.
        match list::step(database, action.letter, action.number).await? {
            Some(taken) if (taken.id, taken.step) == (action.id, action.step) => {
                return Ok(Recorded::Yes);
            }
            Some(taken) => return Ok(Recorded::Other(taken)),
            None => {}
        }
    }
    Err(Error::Schema("a duplicate key, but no step with that number".to_owned()))
}
