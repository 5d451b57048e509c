//! Dead letters, and what was done about them.

mod act;
mod conditions;
mod filter;
mod keep;
mod list;
mod prune;
mod sql;

use schemas::dead_letter::{BatchId, LetterGroup};
use schemas::{Action, ActionId, DeadLetter, LetterId};

use crate::database::{Access, Database};
use crate::error::{Error, Rejected};
use crate::sql::Dialect;

pub(crate) use list::kept;

pub use act::Recorded;
pub use filter::{LetterCursor, LetterFilter};
pub use list::{Letter, LetterPage};

/// Inserts these letters; all of them or none.
pub(crate) fn insert(dialect: &Dialect, letters: &[&DeadLetter]) -> String {
    dialect.insert_rows(letters)
}

/// The tables `dead_letters` and `dead_letter_actions`.
#[derive(Clone, Copy)]
pub struct Letters<'s>(&'s Database);

impl<'s> Letters<'s> {
    pub(crate) fn new(database: &'s Database) -> Self {
        Self(database)
    }

    /// Keeps these letters; the i-th result is the i-th letter's. A letter that is kept already
    /// stays as it is.
    ///
    /// # Errors
    /// The database is away. Some may be kept: keep all of them again, later.
    pub async fn keep(self, letters: &[DeadLetter]) -> Result<Vec<Result<(), Rejected>>, Error> {
        keep::keep(self.0, letters).await
    }

    /// At most `limit` letters that pass the filter, the newest first (by `last_at`, then by id),
    /// behind the cursor. Of each body the first 256 bytes are read.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn list(
        self,
        filter: &LetterFilter,
        before: Option<LetterCursor>,
        limit: u16,
    ) -> Result<LetterPage, Error> {
        list::page(self.0, filter, before, limit).await
    }

    /// How many letters pass the filter, by what they have in common, the largest group first; at
    /// most 256 groups.
    ///
    /// # Errors
    /// The database could not tell, or not within 3 s: it has to look at every letter of the time
    /// that the filter names.
    pub async fn groups(self, filter: &LetterFilter) -> Result<Vec<LetterGroup>, Error> {
        list::groups(self.0, filter).await
    }

    /// One letter, whole, and every step that was taken about it, the first one first.
    ///
    /// # Errors
    /// The database could not tell, or the row cannot be read.
    pub async fn find(self, id: LetterId) -> Result<Option<(DeadLetter, Vec<Action>)>, Error> {
        list::find(self.0, id).await
    }

    /// These letters, whole, each with every step that was taken about it; in the order of the ids,
    /// and without those that are not there.
    ///
    /// # Errors
    /// The database could not tell, or a row cannot be read.
    pub async fn find_all(self, ids: &[LetterId]) -> Result<Vec<(DeadLetter, Vec<Action>)>, Error> {
        list::find_all(self.0, ids).await
    }

    /// The letters that something was done about in this batch, in its order.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn batch(self, batch: BatchId) -> Result<Vec<LetterId>, Error> {
        list::batch(self.0, batch).await
    }

    /// Records a step. Its number is one more than that of the step before it, as the caller has
    /// read it: whoever took another step meanwhile has taken the number.
    ///
    /// # Errors
    /// The database is away. It may be recorded: record it again, with the same id.
    pub async fn record(self, action: &Action) -> Result<Recorded, Error> {
        act::record(self.0, action).await
    }

    /// The letters that these replays ended as.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn deaths(self, replays: &[ActionId]) -> Result<Vec<(ActionId, LetterId)>, Error> {
        list::deaths(self.0, replays).await
    }

    /// Deletes at most `limit` letters that pass the filter, the oldest first, and what was done
    /// about them. Returns how many.
    ///
    /// # Errors
    /// The database is away. Some may be deleted.
    pub async fn prune(self, filter: &LetterFilter, limit: u16) -> Result<usize, Error> {
        prune::prune(self.0, filter, limit).await
    }

    /// How many letters pass the filter; it stops at a million.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn count(self, filter: &LetterFilter) -> Result<u64, Error> {
        let sql = self.0.dialect().count_letters(filter);
        let rows = self.0.run::<(i64,)>(Access::Read, sql).await?;
        Ok(rows.first().map_or(0, |(count,)| count.unsigned_abs()))
    }
}
