//! `spymission migrate`: creates the database and brings its tables up to date.

use store::Store;

use crate::cli::Database;
use crate::failure::Failure;
use crate::output;

/// Migrates the database and says so.
///
/// # Errors
/// The address is missing or wrong, or the database is away or refuses.
pub(crate) async fn run(database: &Database) -> Result<(), Failure> {
    let address = database.required()?;
    let store = Store::new(&address);
    store.migrate().await?;
    store.close().await;
    output::say(&format!("{address}: the tables are up to date\n"))
}
