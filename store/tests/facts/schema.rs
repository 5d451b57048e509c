//! The tables are created once, and a program knows whether they are those that it expects.

use std::sync::Arc;

use store::{Error, Filter, SchemaState};

use crate::database::{Database, at, decisions, put};

crate::facts!(
    a_missing_database_is_created,
    migrating_twice_changes_nothing,
    several_migrate_at_once,
    an_older_schema_is_told,
    a_newer_schema_is_told,
);

async fn a_missing_database_is_created(database: Arc<Database>) {
    let store = database.store();
    assert_eq!(store.schema().await.unwrap(), SchemaState::Older);
    store.migrate().await.unwrap();
    assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
}

async fn migrating_twice_changes_nothing(database: Arc<Database>) {
    let store = database.migrated().await;
    let stored = put(&store, &decisions([1, 2]), at(0)).await;
    store.migrate().await.unwrap();
    assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
    assert_eq!(
        store.find(&stored.iter().map(|m| m.id).collect::<Vec<_>>()).await.unwrap().missions,
        stored
    );
}

async fn several_migrate_at_once(database: Arc<Database>) {
    let all = (0..6).map(|_| {
        let store = database.store();
        tokio::spawn(async move { store.migrate().await })
    });
    for migrated in all.collect::<Vec<_>>() {
        migrated.await.unwrap().unwrap();
    }
    assert_eq!(database.store().schema().await.unwrap(), SchemaState::Current);
}

async fn an_older_schema_is_told(database: Arc<Database>) {
    let store = database.migrated().await;
    database.execute("DELETE FROM _sqlx_migrations").await;
    database.execute("DROP TABLE missions").await;
    assert_eq!(store.schema().await.unwrap(), SchemaState::Older);
    assert!(matches!(store.store(&decisions([1]), at(0)).await, Err(Error::Schema(_))));
    assert!(matches!(store.list(&Filter::default(), None, 1).await, Err(Error::Schema(_))));
}

async fn a_newer_schema_is_told(database: Arc<Database>) {
    let store = database.migrated().await;
    database
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, X'00', 1)",
        )
        .await;
    database.execute("ALTER TABLE missions ADD COLUMN mood INTEGER NOT NULL DEFAULT 1").await;
    assert_eq!(store.schema().await.unwrap(), SchemaState::Newer);
    store.migrate().await.unwrap();
    put(&store, &decisions([1]), at(0)).await;
    assert_eq!(store.list(&Filter::default(), None, 9).await.unwrap().missions.len(), 1);
}

/// A migration is one transaction here: only somebody else can have marked it.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_broken_off_is_told_by_sqlite() {
    crate::database::on_sqlite(broken_off).await;
}

async fn broken_off(database: Arc<Database>) {
    let store = database.migrated().await;
    database.execute("UPDATE _sqlx_migrations SET success = FALSE").await;
    assert_eq!(store.schema().await.unwrap(), SchemaState::Older);
    assert!(matches!(store.migrate().await, Err(Error::Schema(_))));
}
