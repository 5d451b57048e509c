//! The connections to a server: which are used, which are dropped, and where new ones lead.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlPoolOptions};
use sqlx::pool::{PoolConnection, PoolConnectionMetadata};
use sqlx::{Connection, Executor, MySqlPool};
use tokio::task::spawn_blocking;

use super::errors::{failure, is_unknown_database};
use super::session;
use crate::address::{Address, Place};
use crate::deadline::ACQUIRE;
use crate::error::Failure;
use crate::statement::{self, Rows};

/// Reads the address again, from where it may change. It may block.
pub(crate) type Source = Arc<dyn Fn() -> Result<Address, String> + Send + Sync>;

/// Enough for one persister's statements and one gateway's look-ups; a server allows 151.
const CONNECTIONS: u32 = 8;
/// A connection that was in use a moment ago is taken as it is: a ping for each statement would
/// cost a round trip. One that rested longer may be dead without anybody having noticed.
const RESTED: Duration = Duration::from_secs(1);
/// A half-open connection never answers; the rest of the time to acquire is for another one.
const PING: Duration = Duration::from_millis(500);
/// Connections are renewed, so that they follow a database that has moved.
const LIFETIME: Duration = Duration::from_secs(600);
/// The address is read again no more often than this, unless a connection fails.
const FRESH: Duration = Duration::from_secs(1);

/// A database of a server.
pub(crate) struct Server {
    pool: MySqlPool,
    source: Option<Source>,
    known: Mutex<Known>,
    shared: Arc<Shared>,
}

/// The address in use, and when it was last read.
struct Known {
    address: Address,
    read: Instant,
}

/// What the connections of the pool share.
struct Shared {
    /// The most bytes that the server takes in one statement.
    packet: AtomicUsize,
    /// Connections that are older than this are dropped.
    renewed: Mutex<Option<Instant>>,
}

impl Server {
    /// Not yet connected. sqlx's own time limits stay off: those need a runtime to start in.
    pub(crate) fn new(address: &Address, source: Option<Source>) -> Self {
        let packet = AtomicUsize::new(usize::MAX);
        let shared = Arc::new(Shared { packet, renewed: Mutex::new(None) });
        let (before, after) = (Arc::clone(&shared), Arc::clone(&shared));
        let pool = MySqlPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .max_lifetime(None)
            .idle_timeout(None)
            .test_before_acquire(false)
            .before_acquire(move |connection, past| {
                let old = past.age > LIFETIME || before.dropped(past.age);
                Box::pin(still_good(connection, past, old))
            })
            .after_connect(move |connection, _| {
                let shared = Arc::clone(&after);
                Box::pin(async move {
                    let most = session::set_up(connection).await?;
                    shared.packet.store(most, Ordering::Relaxed);
                    Ok(())
                })
            })
            .connect_lazy_with(options(address));
        let known = Mutex::new(Known { address: address.clone(), read: Instant::now() });
        Self { pool, source, known, shared }
    }

    /// Runs one statement once.
    pub(crate) async fn run<T: Rows>(&self, sql: &Arc<String>) -> Result<Vec<T>, Failure> {
        let connection = self.acquire().await?;
        let most = self.shared.packet.load(Ordering::Relaxed);
        if sql.len() >= most.saturating_sub(1) {
            let bytes = sql.len();
            return Err(Failure::Refused(format!(
                "a statement of {bytes} bytes is larger than the server takes: \
                 max_allowed_packet is {most}"
            )));
        }
        let result = statement::run(connection, Arc::clone(sql), failure).await;
        if matches!(result, Err(Failure::ReadOnly(_))) {
            self.renew();
        }
        result
    }

    /// A connection of the pool. A caller who is dropped here leaves the queue.
    async fn acquire(&self) -> Result<PoolConnection<MySql>, Failure> {
        self.read_address(FRESH).await;
        let acquired = match statement::acquire(&self.pool).await {
            Err(_) if self.read_address(Duration::ZERO).await => {
                statement::acquire(&self.pool).await
            }
            other => other,
        };
        acquired.map_err(|error| failure(error).while_connecting())
    }

    /// Reads the address again, unless that was done a moment ago. New connections follow it.
    /// Returns whether it has changed. An address that cannot be read changes nothing.
    async fn read_address(&self, at_most: Duration) -> bool {
        let Some(source) = self.source.clone() else { return false };
        {
            let mut known = locked(&self.known);
            if known.read.elapsed() < at_most {
                return false;
            }
            known.read = Instant::now();
        }
        let address = match spawn_blocking(move || source()).await {
            Ok(Ok(address)) => address,
            Ok(Err(why)) => {
                tracing::warn!(why, "the database's address cannot be read again");
                return false;
            }
            Err(_) => return false, // the program ends
        };
        let mut known = locked(&self.known);
        let changed = known.address.text != address.text && address.server().is_some();
        if changed {
            self.pool.set_connect_options(options(&address));
            tracing::info!(database = %address, "the database's address has changed");
            known.address = address;
            self.renew();
        }
        changed
    }

    /// Drops all connections that are open now, as soon as they are wanted again: the name of the
    /// server is resolved again for new ones.
    fn renew(&self) {
        *locked(&self.shared.renewed) = Some(Instant::now());
    }

    /// A connection of its own, for migrations; a missing database is created.
    pub(super) async fn connect(&self) -> Result<MySqlConnection, Failure> {
        self.read_address(FRESH).await;
        let address = locked(&self.known).address.clone();
        let (options, database) = (options(&address), address.database().unwrap_or_default());
        let mut connection = match session::connect(&options).await {
            Err(error) if is_unknown_database(&error) => {
                let server = options.clone().database("");
                let mut connection = session::connect(&server).await.map_err(failure)?;
                // An address takes no name that could leave its quotes.
                let create =
                    format!("CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4");
                connection.execute(sqlx::AssertSqlSafe(create)).await.map_err(failure)?;
                session::connect(&options).await.map_err(failure)?
            }
            other => other.map_err(failure)?,
        };
        session::set_up(&mut connection).await.map_err(failure)?;
        Ok(connection)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Shared {
    /// Whether a connection of this age was opened before all were to be dropped.
    fn dropped(&self, age: Duration) -> bool {
        locked(&self.renewed).is_some_and(|renewed| age >= renewed.elapsed())
    }
}

async fn still_good(
    connection: &mut MySqlConnection,
    past: PoolConnectionMetadata,
    old: bool,
) -> Result<bool, sqlx::Error> {
    if !old && past.idle_for > RESTED {
        let silent = || sqlx::Error::Io(io::ErrorKind::TimedOut.into());
        tokio::time::timeout(PING, connection.ping()).await.unwrap_or_else(|_| Err(silent()))?;
    }
    Ok(!old)
}

fn options(address: &Address) -> MySqlConnectOptions {
    match &address.place {
        Place::MySql { options, .. } => session::options(options.as_ref().clone()),
        Place::Sqlite(_) => MySqlConnectOptions::new(), // a server's address is none of a file
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
