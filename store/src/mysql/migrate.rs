//! Migrations on MySQL and MariaDB. These commit each change of a table by itself, so a migration
//! may be broken off in the middle. It is recorded as begun before its first statement; whoever
//! migrates next finishes it. Migrations only add: what is there already is not made again.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::migrate::{Migrate, Migration, Migrator};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio::time::Instant;

use super::errors::{failure, is_made_already};
use super::server::Server;
use crate::deadline::{pause, within};
use crate::error::{Error, Failure};

const TABLE: &str = "_sqlx_migrations";
/// How long a migration waits in all for locks that other sessions hold, as a dump does that reads the
/// whole table. Each single wait takes 2 seconds: a longer one would stop all other statements on the
/// table, which queue up behind it.
const LOCKED: Duration = Duration::from_secs(3_600);
/// How long the server waits at once for another who migrates. It may be one who is gone, and whose
/// statement the server still finishes.
const TURN: Duration = Duration::from_secs(60);

/// Makes the database when it is missing, and applies the migrations that it lacks.
pub(crate) async fn migrate(server: &Server, migrator: &Migrator) -> Result<(), Failure> {
    let mut connection = server.connect().await?;
    lock(&mut connection).await?;
    let table = connection.ensure_migrations_table(TABLE).await;
    table.map_err(|error| Error::Schema(error.to_string()))?;
    let applied = applied(&mut connection).await?;
    for migration in migrator.iter() {
        let begun = match applied.get(&migration.version) {
            Some((checksum, _)) if *checksum != *migration.checksum => {
                let version = migration.version;
                let changed = format!("migration {version} was changed after it was applied");
                return Err(Error::Schema(changed).into());
            }
            Some((_, true)) => continue,
            begun => begun.is_some(),
        };
        apply(&mut connection, migration, begun).await?;
    }
    connection.close().await.map_err(failure)
}

/// One migrates at a time. sqlx's own lock waits for `-1` seconds, which MariaDB answers with NULL
/// and no lock at all. The lock ends with the connection.
async fn lock(connection: &mut MySqlConnection) -> Result<(), Failure> {
    let since = Instant::now();
    loop {
        let lock = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT GET_LOCK(CONCAT('migrate ', LEFT(SHA2(DATABASE(), 256), 32)), ?)",
        );
        let lock = lock.bind(TURN.as_secs()).fetch_one(&mut *connection);
        match within(TURN + Duration::from_secs(5), lock).await? {
            Ok(Some(1)) => return Ok(()),
            Ok(_) if since.elapsed() < LOCKED => {
                tracing::warn!("somebody else is migrating");
            }
            Ok(_) => {
                let late = "somebody else has been migrating for an hour".to_owned();
                return Err(Error::Unavailable(late).into());
            }
            Err(error) => return Err(failure(error)),
        }
    }
}

/// The checksums of the migrations that were begun, and whether they were finished.
async fn applied(
    connection: &mut MySqlConnection,
) -> Result<HashMap<i64, (Vec<u8>, bool)>, Failure> {
    let rows: Vec<(i64, Vec<u8>, bool)> =
        sqlx::query_as("SELECT version, checksum, success FROM _sqlx_migrations")
            .fetch_all(connection)
            .await
            .map_err(failure)?;
    Ok(rows.into_iter().map(|(version, sum, done)| (version, (sum, done))).collect())
}

async fn apply(
    connection: &mut MySqlConnection,
    migration: &Migration,
    begun: bool,
) -> Result<(), Failure> {
    if !begun {
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (?, ?, FALSE, ?, -1)",
        )
        .bind(migration.version)
        .bind(&*migration.description)
        .bind(&*migration.checksum)
        .execute(&mut *connection)
        .await
        .map_err(failure)?;
    }
    for sql in statements(migration.sql.as_str()) {
        run(connection, &sql, migration.version, begun).await?;
    }
    sqlx::query("UPDATE _sqlx_migrations SET success = TRUE, execution_time = 0 WHERE version = ?")
        .bind(migration.version)
        .execute(connection)
        .await
        .map(drop)
        .map_err(failure)
}

/// Runs one statement of a migration, again and again while another session holds the table.
async fn run(
    connection: &mut MySqlConnection,
    sql: &str,
    version: i64,
    begun: bool,
) -> Result<(), Failure> {
    let (since, mut repeats) = (Instant::now(), 0);
    loop {
        let wrong = match connection.execute(AssertSqlSafe(sql)).await {
            Ok(_) => return Ok(()),
            Err(error) if begun && is_made_already(&error) => return Ok(()),
            Err(error) => failure(error),
        };
        match wrong {
            Failure::Again(_) if since.elapsed() < LOCKED => {
                if repeats == 0 {
                    tracing::warn!(version, "a migration waits for a table that is locked");
                }
                repeats += 1;
                pause(repeats).await;
            }
            Failure::Again(detail) => return Err(Error::Unavailable(held(version, &detail)).into()),
            Failure::Error(Error::Schema(detail)) | Failure::Unknown(detail) => {
                return Err(Error::Schema(format!("migration {version}: {detail}")).into());
            }
            other => return Err(other),
        }
    }
}

fn held(version: i64, detail: &str) -> String {
    format!(
        "migration {version} waited {} s for a table that another session holds: look for an open \
         transaction in SHOW PROCESSLIST, end it and migrate again ({detail})",
        LOCKED.as_secs()
    )
}

/// The statements of a migration. A statement ends with a semicolon; a comment has its own lines.
fn statements(sql: &str) -> Vec<String> {
    let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let statements = code.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(str::to_owned).collect()
}
