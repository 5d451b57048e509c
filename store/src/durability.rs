//! Whether the database flushes each commit to the disk before it answers.

use std::collections::HashMap;
use std::fmt;

use sqlx::{ColumnIndex, Decode, FromRow, Row};

use crate::database::{Access, Database};
use crate::error::Error;

const LOG: &str = "innodb_flush_log_at_trx_commit";
const BINARY_LOG: &str = "log_bin";
const SYNC: &str = "sync_binlog";

/// A setting of a server with which a crash may lose commits that it has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unflushed {
    /// The name of the setting. 1 is the value with which each commit is flushed.
    pub setting: &'static str,
    /// Its value.
    pub value: String,
}

impl fmt::Display for Unflushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.setting, self.value)
    }
}

/// A row of `SHOW VARIABLES`.
struct Variable(String, String);

impl<'r, R> FromRow<'r, R> for Variable
where
    R: Row,
    usize: ColumnIndex<R>,
    Option<&'r str>: Decode<'r, R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let text = |column: usize| {
            let text = row.try_get_unchecked::<Option<&str>, _>(column)?;
            Ok::<_, sqlx::Error>(text.unwrap_or_default().to_owned())
        };
        Ok(Self(text(0)?.to_lowercase(), text(1)?))
    }
}

/// The settings with which a crash may lose commits. A server that does not show a setting claims
/// nothing by it. The synchronous mode of SQLite is our own.
pub(crate) async fn unflushed(database: &Database) -> Result<Vec<Unflushed>, Error> {
    if !matches!(database, Database::MySql(_)) {
        return Ok(Vec::new());
    }
    let names = [LOG, BINARY_LOG, SYNC].map(|name| format!("'{name}'")).join(", ");
    let sql = format!("SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})");
    let rows = database.run::<Variable>(Access::Read, sql).await?;
    Ok(judge(&rows.into_iter().map(|Variable(name, value)| (name, value)).collect()))
}

/// Which of these variables, by name, let a crash lose commits. MariaDB knows a third value of the
/// log's setting, 3, which flushes each commit as 1 does.
fn judge(variables: &HashMap<String, String>) -> Vec<Unflushed> {
    let is = |name: &str, values: &[&str]| {
        let value = variables.get(name);
        value.is_some_and(|value| values.contains(&value.to_uppercase().as_str()))
    };
    let log = is(LOG, &["0", "2"]);
    let binary = is(BINARY_LOG, &["ON", "1"]) && variables.contains_key(SYNC) && !is(SYNC, &["1"]);
    let lax = [(LOG, log), (SYNC, binary)].into_iter().filter(|(_, lax)| *lax);
    let named = |(setting, _)| {
        let value = variables.get(setting).cloned().unwrap_or_default();
        Unflushed { setting, value }
    };
    lax.map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_a_crash_lose_commits_is_named_and_nothing_is_claimed_of_what_is_not_known() {
        for (log, binary, sync, said) in [
            ("1", "OFF", "0", &[][..]), // as MariaDB is delivered
            ("1", "ON", "1", &[]),      // as MySQL is delivered
            ("3", "OFF", "0", &[]),
            ("0", "OFF", "0", &["innodb_flush_log_at_trx_commit is 0"]),
            ("2", "OFF", "1", &["innodb_flush_log_at_trx_commit is 2"]),
            ("1", "ON", "0", &["sync_binlog is 0"]),
            ("1", "1", "1000", &["sync_binlog is 1000"]),
            ("2", "ON", "0", &["innodb_flush_log_at_trx_commit is 2", "sync_binlog is 0"]),
            ("", "", "", &[]),
            ("1", "ON", "", &[]),
            ("2", "", "0", &["innodb_flush_log_at_trx_commit is 2"]),
        ] {
            let shown = [(LOG, log), (BINARY_LOG, binary), (SYNC, sync)].into_iter();
            let shown = shown.filter(|(_, value)| !value.is_empty());
            let shown = shown.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let judged: Vec<_> = judge(&shown.collect()).iter().map(Unflushed::to_string).collect();
            assert_eq!(judged, said, "{log} {binary} {sync}");
        }
    }
}
