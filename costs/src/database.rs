//! A database of a stage.

use store::Store;
use tempfile::TempDir;

/// A store with its table, and the folder in which its file is as long as this is kept.
pub(crate) async fn database() -> (Store, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let file = format!("sqlite:{}", folder.path().join("missions.db").display());
    let store = Store::new(&file.parse().expect("an address"));
    store.migrate().await.expect("a database");
    (store, folder)
}
