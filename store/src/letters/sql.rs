//! The statements about dead letters. See `sql.rs` for how values are written.

use std::fmt::Write;

use schemas::columns::TableRow;
use schemas::dead_letter::{BatchId, State};
use schemas::{Action, ActionId, CreatedAt, DeadLetter, LetterId};

use super::conditions::in_states;
use super::filter::{LetterCursor, LetterFilter};
use crate::sql::{Dialect, push_id, push_ids, push_where};

/// Bytes of a body that a list reads.
const PREVIEW: u32 = 256;
/// A count stops here.
const MOST: u32 = 1_000_000;

/// Letters, each with the last step that was taken about it.
const FROM: &str = " FROM dead_letters d LEFT JOIN dead_letter_actions a ON a.letter = d.id \
    AND a.number = (SELECT MAX(n.number) FROM dead_letter_actions n WHERE n.letter = d.id)";

impl Dialect {
    /// Inserts these rows; all of them or none.
    pub(super) fn insert_rows<T: TableRow>(&self, rows: &[&T]) -> String {
        let mut sql = self.insert_into::<T>();
        for (i, row) in rows.iter().enumerate() {
            sql.push_str(if i == 0 { "(" } else { ",(" });
            for (j, value) in row.values().enumerate() {
                if j > 0 {
                    sql.push(',');
                }
                self.push_value(&mut sql, value);
            }
            sql.push(')');
        }
        sql
    }

    /// Which of these letters are kept: when each was set aside, and the last step about it.
    pub(super) fn kept(&self, ids: impl Iterator<Item = LetterId>) -> String {
        let at = self.micros.replace("{}", "d.last_at");
        let mut sql = format!("SELECT d.id, {at}, a.step{FROM} WHERE d.id IN (");
        push_ids(&mut sql, ids.map(LetterId::uuid));
        sql
    }

    /// The newest first, behind a position in the list.
    pub(super) fn list_letters(
        &self,
        filter: &LetterFilter,
        before: Option<LetterCursor>,
        limit: u32,
    ) -> String {
        let mut conditions = self.letter_conditions(filter);
        conditions.extend(before.map(|LetterCursor(position)| {
            let time = (self.time)(position.created_at);
            let mut condition = format!("d.last_at <= {time} AND (d.last_at < {time} OR d.id < ");
            push_id(&mut condition, position.id.uuid());
            condition.push(')');
            condition
        }));
        let mut sql = format!("SELECT {}, {}{FROM}", self.preview(), self.columns::<Action>("a"));
        push_where(&mut sql, &conditions);
        let _ = write!(sql, " ORDER BY d.last_at DESC, d.id DESC LIMIT {limit}"); // a String takes all
        sql
    }

    /// One letter, whole.
    pub(super) fn letter(&self, id: LetterId) -> String {
        let columns = self.columns::<DeadLetter>("d");
        let mut sql = format!("SELECT {columns} FROM dead_letters d WHERE d.id = ");
        push_id(&mut sql, id.uuid());
        sql
    }

    /// Every step about this letter.
    pub(super) fn history(&self, letter: LetterId) -> String {
        let columns = self.columns::<Action>("a");
        let mut sql = format!("SELECT {columns} FROM dead_letter_actions a WHERE a.letter = ");
        push_id(&mut sql, letter.uuid());
        sql.push_str(" ORDER BY a.number");
        sql
    }

    /// These letters, whole.
    pub(super) fn letters(&self, ids: &[LetterId]) -> String {
        let columns = self.columns::<DeadLetter>("d");
        let mut sql = format!("SELECT {columns} FROM dead_letters d WHERE d.id IN (");
        push_ids(&mut sql, ids.iter().map(|id| id.uuid()));
        sql
    }

    /// Every step about these letters.
    pub(super) fn histories(&self, letters: &[LetterId]) -> String {
        let columns = self.columns::<Action>("a");
        let mut sql = format!("SELECT {columns} FROM dead_letter_actions a WHERE a.letter IN (");
        push_ids(&mut sql, letters.iter().map(|id| id.uuid()));
        sql.push_str(" ORDER BY a.letter, a.number");
        sql
    }

    /// The letters that something was done about in this batch, in its order.
    pub(super) fn batch(&self, batch: BatchId) -> String {
        let mut sql = "SELECT a.letter FROM dead_letter_actions a WHERE a.id >= ".to_owned();
        push_id(&mut sql, batch.action(0).uuid());
        sql.push_str(" AND a.id <= ");
        push_id(&mut sql, batch.action(u8::MAX).uuid());
        let _ = write!(sql, " GROUP BY a.letter ORDER BY MIN(a.id) LIMIT {}", BatchId::MOST);
        sql
    }

    /// The step with this number.
    pub(super) fn step(&self, letter: LetterId, number: u32) -> String {
        let columns = self.columns::<Action>("a");
        let mut sql = format!("SELECT {columns} FROM dead_letter_actions a WHERE a.letter = ");
        push_id(&mut sql, letter.uuid());
        let _ = write!(sql, " AND a.number = {number}");
        sql
    }

    /// The letters that these replays ended as.
    pub(super) fn deaths(&self, replays: &[ActionId]) -> String {
        let mut sql = "SELECT replay, id FROM dead_letters WHERE replay IN (".to_owned();
        push_ids(&mut sql, replays.iter().map(|replay| replay.uuid()));
        sql
    }

    /// Letters by pattern and role, the largest group first.
    pub(super) fn letter_groups(&self, filter: &LetterFilter) -> String {
        let (first, last) = (self.micros, self.micros);
        let mut sql = format!(
            "SELECT d.pattern, d.role, COUNT(*), COUNT(CASE WHEN {} THEN 1 END), {}, {}, MIN(d.id){FROM}",
            in_states(&[State::Waiting, State::Replaying]),
            first.replace("{}", "MIN(d.last_at)"),
            last.replace("{}", "MAX(d.last_at)"),
        );
        push_where(&mut sql, &self.letter_conditions(filter));
        let _ = write!(
            sql,
            " GROUP BY d.pattern, d.role ORDER BY COUNT(*) DESC, d.pattern, d.role LIMIT {}",
            DeadLetter::BATCH
        );
        sql
    }

    /// How many pass the filter.
    pub(super) fn count_letters(&self, filter: &LetterFilter) -> String {
        let mut inner = format!("SELECT 1{FROM}");
        push_where(&mut inner, &self.letter_conditions(filter));
        format!("SELECT COUNT(*) FROM ({inner} LIMIT {MOST}) x")
    }

    /// The ids of the oldest that pass the filter.
    pub(super) fn oldest_letters(&self, filter: &LetterFilter, limit: u16) -> String {
        let mut sql = format!("SELECT d.id{FROM}");
        push_where(&mut sql, &self.letter_conditions(filter));
        let _ = write!(sql, " ORDER BY d.last_at, d.id LIMIT {limit}");
        sql
    }

    /// Deletes the rows of this table whose column is one of these ids.
    pub(super) fn delete(&self, table: &str, column: &str, ids: &[LetterId]) -> String {
        let mut sql = format!("DELETE FROM {table} WHERE {column} IN (");
        push_ids(&mut sql, ids.iter().map(|id| id.uuid()));
        sql
    }

    /// Letters that are gone and have steps from before this time.
    pub(super) fn orphans(&self, before: CreatedAt, limit: u16) -> String {
        format!(
            "SELECT DISTINCT a.letter FROM dead_letter_actions a LEFT JOIN dead_letters d \
             ON d.id = a.letter WHERE a.at < {} AND d.id IS NULL LIMIT {limit}",
            (self.time)(before)
        )
    }

    fn columns<T: TableRow>(&self, alias: &str) -> String {
        let columns = T::COLUMNS.iter();
        let read = columns.map(|column| self.read(column, &format!("{alias}.{}", column.name)));
        read.collect::<Vec<_>>().join(", ")
    }

    /// The columns of a letter, with the beginning of its body only.
    fn preview(&self) -> String {
        let body = format!("SUBSTR(d.body, 1, {PREVIEW})");
        self.columns::<DeadLetter>("d").replace("d.body", &body)
    }
}
