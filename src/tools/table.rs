//! The tables of the database, opened by a tool.

use store::{Error, Store};

use crate::cli::Database;
use crate::failure::Failure;

/// The tables, and where they are.
pub(crate) struct Table {
    pub(crate) store: Store,
    pub(crate) address: store::Address,
}

impl Table {
    /// Opens nothing yet. An SQLite file must exist, because to open it would create it.
    pub(crate) fn open(database: &Database) -> Result<Self, Failure> {
        let address = database.or_sqlite()?;
        if let Some(file) = address.file().filter(|file| !file.exists()) {
            let file = file.display();
            return Err(Failure::Check(format!(
                "there is no file {file}: name the database with --database, or create one with \
                 `spymission up`"
            )));
        }
        Ok(Self { store: Store::new(&address), address })
    }

    /// Calls `ask` with the store. An error names the address, and what to do if the tables are too
    /// old.
    pub(crate) async fn read<T>(
        &self,
        ask: impl AsyncFnOnce(&Store) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        ask(&self.store).await.map_err(|error| match error {
            Error::Schema(_) => Failure::Check(format!(
                "{}: {error}; run `spymission migrate` on it first",
                self.address
            )),
            other => Failure::Check(format!("{}: {other}", self.address)),
        })
    }
}
