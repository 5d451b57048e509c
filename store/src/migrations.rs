//! The schema: what this program knows, what the database has.

use std::collections::BTreeSet;
use std::sync::Once;
use std::time::Duration;

use sqlx::Connection;
use sqlx::migrate::{MigrateError, Migrator};

use crate::database::{Access, Database};
use crate::deadline::{pause, within};
use crate::error::{Error, Failure};
use crate::sqlite::File;
use crate::{mysql, sqlite};

/// How the database's tables compare with what this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// They are the same.
    Current,
    /// Migrations are missing, or all of them, or one was broken off: do not work on it.
    Older,
    /// A newer program has migrated. Migrations only add, so working on it is fine.
    Newer,
}

/// A migration of a large table takes its time, and must not be broken off for that. This only ends
/// one whose server is gone without a word.
const MIGRATION: Duration = Duration::from_secs(86_400);

/// Readiness checks the schema repeatedly; the warning is logged once.
static WARNED: Once = Once::new();

/// The migrations of this database. What a newer program has applied does not matter, and the
/// locking is our own.
fn migrator(database: &Database) -> Migrator {
    let mut migrator = match database {
        Database::MySql(_) => sqlx::migrate!("../schemas/migrations/mysql"),
        Database::Sqlite(_) | Database::Simulated(_) => {
            sqlx::migrate!("../schemas/migrations/sqlite")
        }
    };
    migrator.set_ignore_missing(true).set_locking(false);
    migrator
}

/// Compares the migrations that were applied with those that we know.
pub(crate) async fn state(database: &Database) -> Result<SchemaState, Error> {
    if matches!(database, Database::Sqlite(file) if file.is_not_there_yet()) {
        return Ok(SchemaState::Older);
    }
    if let Database::Simulated(_) = database {
        database.ping().await?;
        return Ok(SchemaState::Current);
    }
    let sql = "SELECT version FROM _sqlx_migrations WHERE success".to_owned();
    let applied: BTreeSet<i64> = match database.run::<(i64,)>(Access::Read, sql).await {
        Ok(rows) => rows.into_iter().map(|(version,)| version).collect(),
        Err(Failure::Error(Error::Schema(_))) => return Ok(SchemaState::Older),
        Err(Failure::Error(Error::Configuration(detail))) if detail.starts_with("1049 ") => {
            return Ok(SchemaState::Older);
        }
        Err(failure) => return Err(failure.into()),
    };
    let known: BTreeSet<i64> =
        migrator(database).iter().map(|migration| migration.version).collect();
    Ok(if !known.is_subset(&applied) {
        SchemaState::Older
    } else if known == applied {
        SchemaState::Current
    } else {
        WARNED.call_once(|| {
            tracing::warn!("a newer program has migrated the tables: this one works on")
        });
        SchemaState::Newer
    })
}

/// Makes the database when it is missing, and applies the migrations that it lacks. Where it lacks
/// none, no more rights are needed than to read.
pub(crate) async fn migrate(database: &Database) -> Result<(), Error> {
    if !matches!(state(database).await, Ok(SchemaState::Older) | Err(_)) {
        return Ok(());
    }
    let migrator = migrator(database);
    let mut repeats = 0;
    loop {
        let once = async {
            match database {
                Database::MySql(server) => mysql::migrate(server, &migrator).await,
                Database::Sqlite(file) => in_file(file, &migrator).await,
                Database::Simulated(_) => Ok(()),
            }
        };
        match within(MIGRATION, once).await? {
            Err(failure) if repeats < failure.repeats() => repeats += 1,
            other => return other.map_err(Error::from),
        }
        pause(repeats).await;
    }
}

/// Who writes first goes first; all of it or nothing.
async fn in_file(file: &File, migrator: &Migrator) -> Result<(), Failure> {
    let mut connection = file.connect().await?;
    let mut all = connection.begin_with("BEGIN IMMEDIATE").await.map_err(sqlite::failure)?;
    migrator.run(&mut *all).await.map_err(failure)?;
    all.commit().await.map_err(sqlite::failure)?;
    connection.close().await.map_err(sqlite::failure)
}

fn failure(error: MigrateError) -> Failure {
    match error {
        MigrateError::Execute(error) => sqlite::failure(error),
        MigrateError::ExecuteMigration(error, version) => match sqlite::failure(error) {
            Failure::Error(Error::Schema(detail)) => {
                Error::Schema(format!("migration {version}: {detail}")).into()
            }
            other => other,
        },
        other => Error::Schema(other.to_string()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database remembers the checksum of each migration that it has applied, and refuses one that
    /// was changed, even if only a comment was.
    #[test]
    fn a_migration_that_has_landed_is_never_changed() {
        let checksums = |migrator: Migrator| -> Vec<String> {
            let four = |sum: &[u8]| sum.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            migrator.iter().map(|migration| four(&migration.checksum)).collect()
        };
        let mysql = checksums(sqlx::migrate!("../schemas/migrations/mysql"));
        let sqlite = checksums(sqlx::migrate!("../schemas/migrations/sqlite"));
        assert_eq!(mysql.get(..3).unwrap(), ["b7433965", "c21ed3ab", "dd47937a"]);
        assert_eq!(sqlite.get(..3).unwrap(), ["660744f4", "c21ed3ab", "e0ab0b33"]);
    }
}
