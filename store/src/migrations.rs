//! The schema: what this program knows, what the database has.

use std::collections::BTreeSet;
use std::sync::Once;
use std::time::Duration;

use sqlx::Connection;
use sqlx::migrate::{MigrateError, Migrator};

use crate::database::{Access, Database, pause};
use crate::error::{Error, Failure};
use crate::{mysql, sqlite, within};

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

/// A migration of a large table takes its time.
const MIGRATION: Duration = Duration::from_secs(600);
/// How often a migration that lost to a rival is begun again.
const REPEATS: u32 = 5;

/// Readiness asks for the schema again and again; it is worth one line.
static WARNED: Once = Once::new();

/// The migrations of this database. What a newer program has applied is none of our business, and
/// the locking is our own.
fn migrator(database: &Database) -> Migrator {
    let mut migrator = match database {
        Database::MySql { .. } => sqlx::migrate!("../schemas/migrations/mysql"),
        Database::Sqlite { .. } => sqlx::migrate!("../schemas/migrations/sqlite"),
    };
    migrator.set_ignore_missing(true).set_locking(false);
    migrator
}

/// Compares the migrations that were applied with those that we know.
pub(crate) async fn state(database: &Database) -> Result<SchemaState, Error> {
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
            tracing::warn!("the tables were migrated by a newer program: working on")
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
    let mut repeats = 0;
    loop {
        match within(MIGRATION, once(database)).await? {
            Err(Failure::Again(_)) if repeats < REPEATS => repeats += 1,
            other => return other.map_err(Error::from),
        }
        pause(repeats).await;
    }
}

async fn once(database: &Database) -> Result<(), Failure> {
    let migrator = migrator(database);
    match database {
        Database::MySql { options, name, .. } => {
            let mut connection = mysql::connect(options, name).await?;
            mysql::lock_migrations(&mut connection).await?;
            migrator.run(&mut connection).await.map_err(|error| failure(error, mysql::failure))?;
            connection.close().await.map_err(mysql::failure)
        }
        Database::Sqlite { file, .. } => {
            let mut connection = sqlite::connect(file).await?;
            // Who writes first goes first; all of it or nothing.
            let mut all =
                connection.begin_with("BEGIN IMMEDIATE").await.map_err(sqlite::failure)?;
            migrator.run(&mut *all).await.map_err(|error| failure(error, sqlite::failure))?;
            all.commit().await.map_err(sqlite::failure)?;
            connection.close().await.map_err(sqlite::failure)
        }
    }
}

fn failure(error: MigrateError, of_database: fn(sqlx::Error) -> Failure) -> Failure {
    match error {
        MigrateError::Execute(error) => of_database(error),
        MigrateError::ExecuteMigration(error, version) => match of_database(error) {
            Failure::Error(Error::Schema(detail)) => {
                Error::Schema(format!("migration {version}: {detail}")).into()
            }
            other => other,
        },
        other => Error::Schema(other.to_string()).into(),
    }
}
