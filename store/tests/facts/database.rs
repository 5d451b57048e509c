//! A database of its own for each test, gone at its end.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use schemas::{CreatedAt, Decision, Mission, MissionId};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, SqliteConnection};
use store::{Address, Store};
use tempfile::TempDir;
use tokio::time::{interval, timeout};
use uuid::Uuid;

/// Somewhere to store missions; nothing is there yet, not even the database.
pub(crate) struct Database {
    pub(crate) address: Address,
    url: String,
    /// The server's URL and the database's name; none for SQLite.
    pub(crate) mysql: Option<(String, String)>,
    _directory: TempDir,
}

/// Runs this fact in a database on SQLite.
pub(crate) async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(
    fact: fn(Arc<Database>) -> F,
) {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite:{}", directory.path().join("missions.db").display());
    run(Database { address: url.parse().unwrap(), url, mysql: None, _directory: directory }, fact)
        .await;
}

/// Runs this fact in a database of the shared MariaDB node.
pub(crate) async fn on_mysql<F: Future<Output = ()> + Send + 'static>(
    fact: fn(Arc<Database>) -> F,
) {
    let name = format!("spymission_test_{}", Uuid::new_v4().simple());
    let url = testkit::servers::mysql_url(&name);
    let mysql = Some((testkit::servers::mysql_url(""), name));
    let directory = TempDir::new().unwrap();
    run(Database { address: url.parse().unwrap(), url, mysql, _directory: directory }, fact).await;
}

async fn run<F: Future<Output = ()> + Send + 'static>(
    database: Database,
    fact: fn(Arc<Database>) -> F,
) {
    let database = Arc::new(database);
    let outcome = tokio::spawn(fact(Arc::clone(&database))).await;
    if let Some((_, name)) = &database.mysql {
        database.on_server(&format!("DROP DATABASE IF EXISTS {name}")).await;
    }
    if let Err(error) = outcome {
        resume_unwind(error.into_panic());
    }
}

impl Database {
    /// A store of its own, with connections of its own.
    pub(crate) fn store(&self) -> Store {
        Store::new(&self.address)
    }

    /// The same, with the tables made.
    pub(crate) async fn migrated(&self) -> Store {
        let store = self.store();
        store.migrate().await.unwrap();
        store
    }

    /// Another program in the same database.
    pub(crate) async fn rival(&self) -> Rival {
        match self.mysql {
            Some(_) => Rival::MySql(MySqlConnection::connect(&self.url).await.unwrap()),
            None => Rival::Sqlite(SqliteConnection::connect(&self.url).await.unwrap()),
        }
    }

    /// Runs statements behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) {
        self.rival().await.execute(sql).await;
    }

    /// Runs a statement on the server, in no database.
    pub(crate) async fn on_server(&self, sql: &str) {
        let (server, _) = self.mysql.as_ref().unwrap();
        Rival::MySql(MySqlConnection::connect(server).await.unwrap()).execute(sql).await;
    }
}

/// A number for each statement that runs, up to which database and state it is in.
const MARIADB_STATEMENTS: &str =
    "SELECT query_id FROM information_schema.processlist WHERE (db, state)";
const MYSQL_STATEMENTS: &str = "SELECT CAST(thread_id * 1000000 + event_id AS SIGNED) \
    FROM performance_schema.threads JOIN performance_schema.events_statements_current USING (thread_id) \
    WHERE (processlist_db, processlist_state)";

impl Database {
    /// Kills all connections to this database.
    pub(crate) async fn kill_connections(&self) {
        let (server, name) = self.mysql.as_ref().unwrap();
        let ours = format!(
            "SELECT CONCAT('KILL CONNECTION ', id) FROM information_schema.processlist WHERE db = '{name}'"
        );
        let mut server = MySqlConnection::connect(server).await.unwrap();
        let ours: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(ours)).fetch_all(&mut server).await.unwrap();
        assert!(!ours.is_empty());
        for (kill,) in ours {
            self.on_server(&kill).await;
        }
    }
}

impl Database {
    /// Waits until this many statements, one after the other, have waited for the lock of a table.
    pub(crate) async fn await_lock_waits(&self, count: usize) {
        let (server, name) = self.mysql.as_ref().unwrap();
        let mut server = MySqlConnection::connect(server).await.unwrap();
        let version = sqlx::query_scalar::<_, String>("SELECT version()");
        let statements = match version.fetch_one(&mut server).await.unwrap() {
            version if version.contains("MariaDB") => MARIADB_STATEMENTS,
            _ => MYSQL_STATEMENTS,
        };
        let waiting = format!("{statements} = ('{name}', 'Waiting for table metadata lock')");
        let mut statements = BTreeSet::new();
        let looking = async {
            let mut ticks = interval(Duration::from_millis(20));
            while statements.len() < count {
                ticks.tick().await;
                let waiting: Vec<(i64,)> = sqlx::query_as(AssertSqlSafe(waiting.clone()))
                    .fetch_all(&mut server)
                    .await
                    .unwrap();
                statements.extend(waiting.into_iter().map(|(statement,)| statement));
            }
        };
        timeout(Duration::from_secs(120), looking).await.unwrap();
    }
}

/// A connection that is not the store's.
pub(crate) enum Rival {
    MySql(MySqlConnection),
    Sqlite(SqliteConnection),
}

impl Rival {
    /// Runs a statement; a transaction is opened and ended by its words.
    pub(crate) async fn execute(&mut self, sql: &str) {
        match self {
            Self::MySql(connection) => drop(connection.execute(AssertSqlSafe(sql)).await.unwrap()),
            Self::Sqlite(connection) => drop(connection.execute(AssertSqlSafe(sql)).await.unwrap()),
        }
    }
}

/// The id of this number.
pub(crate) fn id(n: u128) -> MissionId {
    Uuid::from_u128(n).into()
}

/// A decision about this mission.
pub(crate) fn decision(n: u128, objective: &str) -> Decision {
    Decision { id: id(n), objective: objective.parse().unwrap(), ..Decision::example() }
}

/// Decisions about these missions.
pub(crate) fn decisions(ids: impl IntoIterator<Item = u128>) -> Vec<Decision> {
    ids.into_iter().map(|n| decision(n, "Meet with")).collect()
}

/// A point in time, this many microseconds after another.
pub(crate) fn at(micros: i64) -> CreatedAt {
    CreatedAt::from_micros(1_795_353_891_000_000 + micros).unwrap()
}

/// Stores these, of which none is refused.
pub(crate) async fn put(store: &Store, decisions: &[Decision], now: CreatedAt) -> Vec<Mission> {
    store.store(decisions, now).await.unwrap().into_iter().collect::<Result<_, _>>().unwrap()
}
