//! What a database tells about itself, for whoever looks after it. Nothing is changed.

use schemas::CreatedAt;
use sqlx::{ColumnIndex, Decode, FromRow, Row};

use crate::database::{Access, Database};
use crate::deadline::{ACQUIRE, QUERY, within};
use crate::{Error, Store, insert};

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Oracle's.
    MySql,
    /// The fork.
    MariaDb,
    /// The library in this process.
    Sqlite,
}

/// What a database tells about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Which database it is.
    pub product: Product,
    /// Its version, as it writes it.
    pub version: String,
    /// More about it, if it is a server.
    pub server: Option<Server>,
}

/// What a server tells about our session and our table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// As whom we are logged in.
    pub user: String,
    /// How the connection is encrypted, if it is.
    pub cipher: Option<String>,
    /// What our sessions do about values that do not fit.
    pub sql_mode: String,
    /// Whether it refuses whatever writes.
    pub read_only: bool,
    /// Whether each commit is on the disk before it is answered.
    pub flushes: bool,
    /// Storage engine and collation of our table, if it is there: `InnoDB utf8mb4_bin`.
    pub table: Option<String>,
    /// What we may do, as `SHOW GRANTS` says it.
    pub grants: Vec<String>,
}

/// The first or only word of a row, whatever type the server gives it: the protocol is text.
struct Word(String);

impl<'r, R> FromRow<'r, R> for Word
where
    R: Row,
    usize: ColumnIndex<R>,
    Option<&'r str>: Decode<'r, R::Database>,
{
    /// The last column: `SHOW STATUS` has the name before the value.
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let last = row.len().saturating_sub(1);
        let word = row.try_get_unchecked::<Option<&str>, _>(last)?;
        Ok(Self(word.unwrap_or_default().to_owned()))
    }
}

impl Store {
    /// What the database tells about itself and about us.
    ///
    /// # Errors
    /// It could not tell within 15 s, or 5 s for one answer.
    pub async fn inspect(&self) -> Result<Inspection, Error> {
        within(3 * (ACQUIRE + QUERY), inspect(&self.database)).await?
    }

    /// The clock of the database; `None` if that is ours.
    ///
    /// # Errors
    /// It could not tell.
    pub async fn now(&self) -> Result<Option<CreatedAt>, Error> {
        if matches!(*self.database, Database::Sqlite(_)) {
            return Ok(None);
        }
        let sql = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";
        let micros = word(&self.database, sql).await?.parse().ok();
        Ok(micros.and_then(CreatedAt::from_micros))
    }

    /// Whether we may read missions.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn may_select(&self) -> Result<(), Error> {
        let sql = "SELECT 1 FROM missions LIMIT 0";
        words(&self.database, sql).await.map(drop)
    }

    /// Whether we may store missions: none is stored.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn may_insert(&self) -> Result<(), Error> {
        insert::may_insert(&self.database).await
    }
}

async fn inspect(database: &Database) -> Result<Inspection, Error> {
    if matches!(database, Database::Sqlite(_)) {
        let version = word(database, "SELECT sqlite_version()").await?;
        return Ok(Inspection { product: Product::Sqlite, version, server: None });
    }
    let version = word(database, "SELECT VERSION()").await?;
    let product = if version.contains("MariaDB") { Product::MariaDb } else { Product::MySql };
    let cipher = word(database, "SHOW SESSION STATUS LIKE 'Ssl_cipher'").await?;
    let table = words(
        database,
        "SELECT CONCAT(engine, ' ', table_collation) FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_name = 'missions'",
    );
    let server = Server {
        user: word(database, "SELECT CURRENT_USER()").await?,
        cipher: Some(cipher).filter(|cipher| !cipher.is_empty()),
        sql_mode: word(database, "SELECT @@SESSION.sql_mode").await?,
        read_only: word(database, "SELECT @@GLOBAL.read_only").await? != "0",
        flushes: word(database, "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit").await? == "1",
        table: table.await?.pop(),
        grants: words(database, "SHOW GRANTS").await?,
    };
    Ok(Inspection { product, version, server: Some(server) })
}

async fn words(database: &Database, sql: &str) -> Result<Vec<String>, Error> {
    let rows = database.run::<Word>(Access::Read, sql.to_owned()).await?;
    Ok(rows.into_iter().map(|Word(word)| word).collect())
}

async fn word(database: &Database, sql: &str) -> Result<String, Error> {
    Ok(words(database, sql).await?.pop().unwrap_or_default())
}
