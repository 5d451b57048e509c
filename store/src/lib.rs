//! The only door to SQL: missions are stored in MySQL, MariaDB or SQLite and read from there.
//!
//! The row is the only truth: once [`Store::store`] has answered, the mission stands on the disk,
//! and for every id the first row stands. Storing the same again is always safe.
//!
//! Every statement has a deadline (2 seconds for a connection, 3 for the answer). A caller that goes
//! away while it waits for a connection leaves the queue; a statement that has begun is finished.

mod address;
mod clock;
mod cursor;
mod database;
mod error;
mod filter;
mod insert;
mod inspect;
mod migrations;
mod mysql;
mod rows;
mod sql;
mod sqlite;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use schemas::{CreatedAt, Decision, Mission, MissionId};
use tokio::runtime::Handle;
use tokio::task::{JoinError, spawn_blocking};

pub use crate::address::{Address, ParseAddressError};
pub use crate::cursor::{Cursor, ParseCursorError};
pub use crate::error::{Error, Rejected};
pub use crate::filter::Filter;
pub use crate::inspect::{Inspection, Product, Server};
pub use crate::migrations::SchemaState;

use crate::clock::Clocks;
use crate::database::{Access, Database};

/// How long a connection may take, be it out of the pool or to the server.
pub(crate) const ACQUIRE: Duration = Duration::from_secs(2);
/// How long the answer to one statement may take.
pub(crate) const QUERY: Duration = Duration::from_secs(3);

/// Where missions are stored. Clones share their connections.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    clocks: Arc<Clocks>,
}

impl Store {
    /// A store that connects when it is first used; nothing is read or written here.
    pub fn new(address: &Address) -> Self {
        Self { database: Arc::new(Database::new(address)), clocks: Arc::default() }
    }

    /// Brings the tables up to what this program knows, and makes the database when it is missing.
    /// Nothing happens when that is done already, or by several at once. It waits a minute for
    /// somebody else who migrates, and 10 minutes for the migrations.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it may not do so, [`Error::Schema`] when a migration was broken
    /// off or changed, [`Error::Unavailable`] else.
    pub async fn migrate(&self) -> Result<(), Error> {
        // sqlx's migrator is no future that a task of its own could take: it gets a thread.
        let (database, runtime) = (Arc::clone(&self.database), Handle::current());
        ended(spawn_blocking(move || runtime.block_on(migrations::migrate(&database))).await)
    }

    /// How the tables compare with what this program knows; [`SchemaState::Older`] also when there
    /// are none.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn schema(&self) -> Result<SchemaState, Error> {
        migrations::state(&self.database).await
    }

    /// Whether the database answers at all, within 5 seconds; it says nothing about tables.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn ping(&self) -> Result<(), Error> {
        let sql = "SELECT 1 LIMIT 0".to_owned();
        let rows = within(ACQUIRE + QUERY, self.database.run::<()>(Access::Read, sql)).await?;
        rows.map(drop).map_err(Error::from)
    }

    /// Stores a mission for each decision; the i-th result is the i-th decision's. The first row
    /// stands: where an id has a row already, that row is the result and the decision is dropped; of
    /// two decisions with one id the first counts for both. Any number of decisions will do; 1,024
    /// go into one commit.
    ///
    /// # Errors
    /// Some may be stored, nobody knows which: store all of them again, later. A row that the
    /// database refuses is no such error: it is [`Rejected`] alone and its neighbours are stored.
    pub async fn store(
        &self,
        decisions: &[Decision],
        now: CreatedAt,
    ) -> Result<Vec<Result<Mission, Rejected>>, Error> {
        let missions: Vec<_> =
            decisions.iter().map(|decision| decision.clone().stored(now)).collect();
        let database = Arc::clone(&self.database);
        // In a task of its own: a caller that is dropped does not break off what it stores.
        ended(tokio::spawn(async move { insert::store(&database, missions, now).await }).await)
    }

    /// The missions among these ids that stand, in the order of the ids.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn find(&self, ids: &[MissionId]) -> Result<Vec<Mission>, Error> {
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(insert::ROWS) {
            let sql = self.database.dialect().find(ids);
            let missions = self.database.missions(sql).await?;
            found.extend(missions.into_iter().map(|mission| (mission.id, mission)));
        }
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    /// At most `limit` missions that pass the filter, the newest first (by `created_at`, then by id,
    /// both descending), beginning behind the cursor. Going on with the last mission as cursor until nothing comes
    /// shows every row that stood at the beginning exactly once.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn list(
        &self,
        filter: &Filter,
        before: Option<Cursor>,
        limit: u16,
    ) -> Result<Vec<Mission>, Error> {
        let sql = self.database.dialect().list(filter, before, limit);
        self.database.missions(sql).await
    }

    /// At most `limit` missions behind this place, the oldest first. A row that is committed late
    /// may stand before a place that was read already: read again what lies a little before.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn after(&self, place: Cursor, limit: u16) -> Result<Vec<Mission>, Error> {
        let sql = self.database.dialect().after(place, limit);
        self.database.missions(sql).await
    }

    /// Closes every connection once its work is done; whatever is asked afterwards is
    /// [`Error::Unavailable`].
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// A task ends early only when the program does.
pub(crate) fn ended<T, E: From<Error>>(task: Result<Result<T, E>, JoinError>) -> Result<T, E> {
    task.unwrap_or_else(|error| {
        Err(Error::Unavailable(format!("the work was broken off: {error}")).into())
    })
}

/// The result, unless it takes longer than this.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, Error> {
    let late = || Error::Unavailable(format!("no answer within {} seconds", limit.as_secs()));
    tokio::time::timeout(limit, work).await.map_err(|_| late())
}
