//! The store: what the other crates call.

use std::sync::Arc;

use schemas::{CreatedAt, Decision, Mission, MissionId, TableRight};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::address::Address;
use crate::clock::Clocks;
use crate::cursor::Cursor;
use crate::database::Database;
use crate::deadline::{ACQUIRE, QUERY, within};
use crate::durability::{self, Unflushed};
use crate::error::{Error, Rejected};
use crate::filter::Filter;
use crate::insert;
use crate::inspect::{self, Inspection};
use crate::letters::Letters;
use crate::list::{self, ListPage};
use crate::look_up::LookUps;
use crate::migrations::{self, SchemaState};
use crate::page_cursor::PageCursor;
use crate::prune;
use crate::read::{self, Found, Page};
use crate::simulated::Tables;
use crate::total::{self, CasebookCount, Total};

/// Where missions are stored. Clones share their connections.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    clocks: Arc<Clocks>,
    look_ups: Arc<LookUps>,
}

impl Store {
    /// A store that connects when it is first used; nothing is read or written here.
    pub fn new(address: &Address) -> Self {
        Self::on(Database::new(address, None))
    }

    /// The same, with an address that may change, as that of a file with a password does. `again`
    /// reads it; it may block. A store on a server calls it at most once a second while it works, and
    /// whenever a connection fails; new connections follow the new address, and old ones are dropped.
    /// An address that cannot be read changes nothing. The file of SQLite stays the same.
    pub fn following(
        address: &Address,
        again: impl Fn() -> Result<Address, String> + Send + Sync + 'static,
    ) -> Self {
        Self::on(Database::new(address, Some(Arc::new(again))))
    }

    fn on(database: Database) -> Self {
        let database = Arc::new(database);
        Self { database, clocks: Arc::default(), look_ups: Arc::default() }
    }

    /// A store on the tables of a simulation. What it does not simulate is
    /// [`Error::Unavailable`].
    pub fn simulated(tables: &Tables) -> Self {
        let database = Arc::new(Database::Simulated(tables.clone()));
        Self { database, clocks: Arc::default(), look_ups: Arc::default() }
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
        let ended = spawn_blocking(move || runtime.block_on(migrations::migrate(&database))).await;
        ended.unwrap_or_else(|error| {
            Err(Error::Unavailable(format!("the migration was broken off: {error}")))
        })
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
        Ok(within(ACQUIRE + QUERY, self.database.ping()).await??)
    }

    /// Stores a mission for each decision; the i-th result is the i-th decision's. The first row is
    /// kept: where an id has a row already, that row is the result and the decision is dropped; of
    /// two decisions with one id the first counts for both. Any number of decisions will do;
    /// [`Mission::BATCH`] go into one commit.
    ///
    /// # Errors
    /// The database is away. Some may be stored, and nobody knows which: store all of them again,
    /// later. A row that the database refuses is no such error: it alone is [`Rejected`], and its
    /// neighbours are stored.
    pub async fn store(
        &self,
        decisions: &[Decision],
        now: CreatedAt,
    ) -> Result<Vec<Result<Mission, Rejected>>, Error> {
        let missions: Vec<Mission> =
            decisions.iter().map(|decision| decision.clone().stored(now)).collect();
        let database = Arc::clone(&self.database);
        // In a task of its own: a caller that is dropped does not break off what it stores.
        let storing = async move { insert::store(&database, missions, now).await };
        tokio::spawn(storing).await.unwrap_or_else(|error| {
            Err(Error::Unavailable(format!("the work was broken off: {error}")))
        })
    }

    /// What is stored under these ids: the missions in the order of the ids, and the rows that cannot
    /// be read. Any number of ids will do.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn find(&self, ids: &[MissionId]) -> Result<Found, Error> {
        read::find(&self.database, ids).await
    }

    /// As [`find`](Self::find), for one id. Look-ups that come while others are under way share a
    /// statement.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn find_one(&self, id: MissionId) -> Result<Found, Error> {
        self.look_ups.find(&self.database, id).await
    }

    /// At most `limit` rows that pass the filter, the newest first (by `created_at`, then by id, both
    /// descending): the newest of all, or those beside the cursor. A walk that goes on with
    /// [`ListPage::next`] until there is none shows every row that was stored when it began exactly
    /// once. [`ListPage::prev`] leads back over the same rows, and to those that were stored since.
    /// A filter with a condition that no index has may make a page short, or empty, though others
    /// follow: see [`Filter::LOOKED_AT`].
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn list(
        &self,
        filter: &Filter,
        place: Option<PageCursor>,
        limit: u16,
    ) -> Result<ListPage, Error> {
        list::list(&self.database, filter, place, limit).await
    }

    /// At most `limit` rows behind this position, the oldest first. A row that is committed late may
    /// come before a position that was read already: read again what lies a little before.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn after(&self, position: Cursor, limit: u16) -> Result<Page, Error> {
        let rows = self.database.after(position, u32::from(limit) + 1).await?;
        Ok(read::page(rows, limit))
    }

    /// Dead letters, and what was done about them.
    pub fn letters(&self) -> Letters<'_> {
        Letters::new(&self.database)
    }

    /// Deletes at most `limit` missions stored before this time, the oldest first, in a statement
    /// that locks them for a moment. Returns how many. Their ids are free again then.
    ///
    /// # Errors
    /// The database is away. They may be deleted.
    pub async fn prune(&self, before: CreatedAt, limit: u16) -> Result<usize, Error> {
        prune::prune(&self.database, before, limit).await
    }

    /// How many missions were stored before this time; it stops at a million.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn count(&self, before: CreatedAt) -> Result<u64, Error> {
        prune::count(&self.database, before).await
    }

    /// How many missions there are, without a look at each: counted as long as they are few, else
    /// estimated by the server or counted in part.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn total(&self) -> Result<Total, Error> {
        total::total(&self.database).await
    }

    /// The casebooks of the newest `newest` missions, the most frequent first, at most `most` of
    /// them.
    ///
    /// # Errors
    /// The database could not tell.
    pub async fn casebooks(&self, newest: u32, most: u16) -> Result<Vec<CasebookCount>, Error> {
        total::casebooks(&self.database, newest, most).await
    }

    /// Which product it is, as OpenTelemetry names it: `mysql` (MariaDB too) or `sqlite`.
    pub fn system(&self) -> &'static str {
        self.database.dialect().system
    }

    /// Closes every connection when its work is done; a later call is
    /// [`Error::Unavailable`].
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// What the database tells about itself and about us.
    ///
    /// # Errors
    /// It could not tell within 15 s, or 5 s for one answer.
    pub async fn inspect(&self) -> Result<Inspection, Error> {
        within(3 * (ACQUIRE + QUERY), inspect::inspect(&self.database)).await?
    }

    /// The settings of the server with which a crash may lose commits that it has answered; none if
    /// each commit is flushed.
    ///
    /// # Errors
    /// It could not tell within 5 s, or may not.
    pub async fn unflushed(&self) -> Result<Vec<Unflushed>, Error> {
        within(ACQUIRE + QUERY, durability::unflushed(&self.database)).await?
    }

    /// The clock of the database; `None` if that is the local one.
    ///
    /// # Errors
    /// It could not tell.
    pub async fn now(&self) -> Result<Option<CreatedAt>, Error> {
        inspect::now(&self.database).await
    }

    /// The time on the database's clock: the local clock, corrected by the difference between the
    /// two. The clocks are compared every 5 seconds, and whenever the local one was set. An error of
    /// half the time of one query remains, milliseconds as a rule and at most 2.5 seconds. On
    /// SQLite the local clock is the database's.
    ///
    /// # Errors
    /// The clocks had to be compared and the database did not answer.
    pub async fn time(&self, clock: fn() -> OffsetDateTime) -> Result<CreatedAt, Error> {
        self.clocks.time(&self.database, clock).await
    }

    /// Whether we have this right. Nothing is changed.
    ///
    /// # Errors
    /// What the database says against it; [`Error::Schema`] if there is no such table.
    pub async fn may(&self, right: TableRight) -> Result<(), Error> {
        inspect::may(&self.database, right).await
    }
}
