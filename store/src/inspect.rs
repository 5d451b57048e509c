//! What a database tells about itself, for an operator. Nothing is changed.

use schemas::{CreatedAt, Privilege, TableRight};
use sqlx::{ColumnIndex, Decode, FromRow, Row};

use crate::database::{Access, Database};
use crate::durability::{self, Unflushed};
use crate::error::Error;

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
    /// The user that we are logged in as.
    pub user: String,
    /// How the connection is encrypted, if it is.
    pub cipher: Option<String>,
    /// The SQL mode of our sessions: what they do about values that do not fit.
    pub sql_mode: String,
    /// Whether it refuses every statement that writes.
    pub read_only: bool,
    /// The settings with which a crash may lose commits that were answered.
    pub unflushed: Vec<Unflushed>,
    /// Storage engine and collation of our table, if it is there: `InnoDB utf8mb4_bin`.
    pub table: Option<String>,
    /// What we may do, as `SHOW GRANTS` says it.
    pub grants: Vec<String>,
}

/// The last column of a row, as text, whatever type it has: the protocol is text.
struct Word(String);

impl<'r, R> FromRow<'r, R> for Word
where
    R: Row,
    usize: ColumnIndex<R>,
    Option<&'r str>: Decode<'r, R::Database>,
{
    /// `SHOW STATUS` has the name before the value.
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let last = row.len().saturating_sub(1);
        let word = row.try_get_unchecked::<Option<&str>, _>(last)?;
        Ok(Self(word.unwrap_or_default().to_owned()))
    }
}

/// The clock of the database; `None` if that is the local one.
pub(crate) async fn now(database: &Database) -> Result<Option<CreatedAt>, Error> {
    if !matches!(database, Database::MySql(_)) {
        return Ok(None);
    }
    let sql = "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";
    let micros = word(database, sql).await?.parse().ok();
    Ok(micros.and_then(CreatedAt::from_micros))
}

/// Whether we have this right. Nothing is changed.
pub(crate) async fn may(database: &Database, right: TableRight) -> Result<(), Error> {
    let (table, access) = (right.table, access(right.privilege));
    let sql = match right.privilege {
        Privilege::Select => format!("SELECT 1 FROM {table} LIMIT 0"),
        Privilege::Insert => format!("INSERT INTO {table} SELECT * FROM {table} WHERE 1 = 0"),
    };
    Ok(database.run::<()>(access, sql).await.map(drop)?)
}

fn access(privilege: Privilege) -> Access {
    match privilege {
        Privilege::Select => Access::Read,
        Privilege::Insert => Access::Write,
    }
}

/// What the database tells about itself and about us.
pub(crate) async fn inspect(database: &Database) -> Result<Inspection, Error> {
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
        unflushed: durability::unflushed(database).await.unwrap_or_default(),
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
