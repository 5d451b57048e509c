//! One thing that is wrong costs itself alone: a row, a connection, a lock, a caller.

use std::sync::Arc;
use std::time::{Duration, Instant};

use schemas::{CreatedAt, Decision, Mission};
use sqlx::{Connection, Executor};
use store::{Address, Error, Rejected, SchemaState, Store};
use testkit::servers::MariaDb;

use crate::database::{Database, at, decision, decisions, id, put};

crate::facts!(
    a_stored_row_that_cannot_be_read_refuses_its_own_mission_alone,
    an_error_that_nobody_knows_refuses_the_row_that_has_it_alone,
);

/// Stores these; the number of each one that is refused, with the reason.
async fn refused(store: &Store, ids: std::ops::Range<u128>, now: CreatedAt) -> Vec<(u128, String)> {
    let call: Vec<_> = ids.clone().map(|n| decision(n, odd(n))).collect();
    let results = store.store(&call, now).await.unwrap();
    let wrong = |(n, result): (u128, Result<Mission, Rejected>)| Some((n, result.err()?.reason));
    ids.zip(results).filter_map(wrong).collect()
}

/// The objective of the mission that some databases here do not like.
fn odd(n: u128) -> &'static str {
    if n == 7 { "Nobody" } else { "Meet with" }
}

async fn a_stored_row_that_cannot_be_read_refuses_its_own_mission_alone(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([3, 5]), at(0)).await;
    database
        .execute(
            "UPDATE missions SET objective = '' WHERE id = X'00000000000000000000000000000005'",
        )
        .await;
    let wrong = refused(&store, 0..30, at(1)).await;
    assert!(matches!(&wrong[..], [(5, why)] if why.contains("objective: ")), "{wrong:?}");
    assert_eq!(refused(&store, 5..6, at(1)).await.len(), 1);
    assert!(refused(&store, 10..40, at(1)).await.is_empty());
}

async fn an_error_that_nobody_knows_refuses_the_row_that_has_it_alone(database: Arc<Database>) {
    let store = database.migrated().await;
    let trigger = if database.mysql.is_some() {
        "CREATE TRIGGER odd BEFORE INSERT ON missions FOR EACH ROW IF NEW.objective = 'Nobody' \
         THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 5999, MESSAGE_TEXT = 'odd'; END IF"
    } else {
        "CREATE TRIGGER odd BEFORE INSERT ON missions WHEN NEW.objective = 'Nobody' \
         BEGIN SELECT abs(-9223372036854775807 - 1); END"
    };
    database.execute(trigger).await;
    let wrong = refused(&store, 0..30, at(1)).await;
    assert!(matches!(&wrong[..], [(7, _)]), "{wrong:?}");
    assert_eq!(refused(&store, 7..8, at(1)).await.len(), 1);
}

/// A server of its own, with these settings, and a store on it.
async fn own_server(settings: &str) -> (MariaDb, Store) {
    let server = MariaDb::start().unwrap();
    let store = Store::new(&server.url("missions").parse::<Address>().unwrap());
    store.migrate().await.unwrap();
    store.close().await;
    server.sql(settings).unwrap();
    let store = Store::new(&server.url("missions").parse::<Address>().unwrap());
    (server, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_larger_than_the_server_takes_is_stored_in_parts() {
    let (server, store) = own_server("SET GLOBAL max_allowed_packet = 65536").await;
    assert!(refused(&store, 1_000..2_024, at(0)).await.is_empty());
    let ids: Vec<_> = (1_000..2_024).map(id).collect();
    assert!(store.find(&ids).await.is_ok());
    server.sql("SET GLOBAL max_allowed_packet = 1024").unwrap();
    let store = Store::new(&server.url("missions").parse::<Address>().unwrap());
    assert!(refused(&store, 3_000..3_100, at(0)).await.is_empty());
    let long = "😀".repeat(63);
    let text = || long.parse().unwrap();
    let long = Decision { target: text(), casebook: text(), ..decision(1, &long) };
    let large = store.store(&[long, decision(2, "Follow")], at(0)).await.unwrap();
    assert!(matches!(&large[..], [Err(why), Ok(_)] if why.reason.contains("1024")), "{large:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_became_read_only_loses_its_connections() {
    crate::database::on_mysql(read_only).await;
}

/// The connections that are open now lead to an old primary; new ones do not.
async fn read_only(database: Arc<Database>) {
    let store = database.migrated().await;
    let busy = (0..8).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { drop(put(&store, &decisions([n]), at(0)).await) })
    });
    for ended in busy.collect::<Vec<_>>() {
        ended.await.unwrap();
    }
    let (_, name) = database.mysql.as_ref().unwrap();
    database.execute("CREATE TABLE old_primary (id BIGINT UNSIGNED PRIMARY KEY)").await;
    let ours = format!(
        "INSERT INTO old_primary SELECT id FROM information_schema.processlist \
         WHERE db = '{name}' AND id <> CONNECTION_ID()"
    );
    database.execute(&ours).await;
    let trigger = "CREATE TRIGGER old BEFORE INSERT ON missions FOR EACH ROW \
        IF CONNECTION_ID() IN (SELECT id FROM old_primary) THEN \
        SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1290, MESSAGE_TEXT = 'read-only'; END IF";
    database.execute(trigger).await;
    put(&store, &decisions([20]), at(5)).await;
    for n in 30..50 {
        put(&store, &decisions([n]), at(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hung_up_leaves_the_queue_for_a_connection() {
    crate::database::on_mysql(hung_up).await;
}

/// Each look-up takes a third of a second, and there are eight connections.
async fn hung_up(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([1]), at(0)).await;
    database.execute("RENAME TABLE missions TO kept").await;
    database.execute("CREATE VIEW missions AS SELECT * FROM kept WHERE SLEEP(0.3) = 0").await;
    let gone = (0..200).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let _ = tokio::time::timeout(Duration::from_millis(50), store.find(&[id(1)])).await;
        })
    });
    for caller in gone.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let begun = Instant::now();
    assert!(store.find(&[id(1)]).await.is_ok());
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_waits_for_more_than_a_minute_for_a_table_that_another_session_holds() {
    crate::database::on_mysql(held).await;
}

async fn held(database: Arc<Database>) {
    let store = database.migrated().await;
    database.execute("DELETE FROM _sqlx_migrations WHERE version = 2").await;
    database.execute("DROP INDEX missions_by_objective ON missions").await;
    database.execute("DROP INDEX missions_by_target ON missions").await;
    let mut rival = database.rival().await;
    rival.execute("BEGIN").await;
    rival.execute("SELECT * FROM missions").await;
    let migrating = tokio::spawn(async move { store.migrate().await });
    database.await_lock_waits(31).await; // for a minute; each has given up after 2 s
    assert!(!migrating.is_finished());
    rival.execute("COMMIT").await;
    migrating.await.unwrap().unwrap();
    assert_eq!(database.store().schema().await.unwrap(), SchemaState::Current);
}

/// The server is killed in the middle of a migration. The next one finishes it; nobody repairs rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_whose_server_was_killed_is_finished_by_the_next() {
    let mut node = testkit::servers::MariaDb::start().unwrap();
    let store = Store::new(&node.url("missions").parse().unwrap());
    store.migrate().await.unwrap();
    let begin = "DELETE FROM _sqlx_migrations WHERE version = 2; \
        DROP INDEX missions_by_objective ON missions; DROP INDEX missions_by_target ON missions";
    node.sql(&format!("USE missions; {begin}")).unwrap();
    let mut rival = sqlx::MySqlConnection::connect(&node.url("missions")).await.unwrap();
    rival.execute("BEGIN").await.unwrap();
    rival.execute("SELECT * FROM missions").await.unwrap();
    let migrating = tokio::spawn(async move { store.migrate().await });
    let begun = "SELECT COUNT(*) FROM missions._sqlx_migrations WHERE NOT success";
    let looking = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        while node.sql(begun).unwrap().trim() != "1" {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looking).await.unwrap();
    node.kill();
    migrating.await.unwrap().unwrap_err();
    node.restart().unwrap();
    assert_eq!(node.sql(begun).unwrap().trim(), "1");
    let store = Store::new(&node.url("missions").parse().unwrap());
    assert_eq!(store.schema().await.unwrap(), SchemaState::Older);
    store.migrate().await.unwrap();
    assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
    node.sql("USE missions; DROP INDEX missions_by_target ON missions").unwrap(); // it is there
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_broken_off_is_finished() {
    crate::database::on_mysql(broken_off).await;
}

async fn broken_off(database: Arc<Database>) {
    let store = database.migrated().await;
    database.execute("UPDATE _sqlx_migrations SET success = FALSE").await;
    database.execute("DROP INDEX missions_by_target ON missions").await;
    assert_eq!(store.schema().await.unwrap(), SchemaState::Older);
    store.migrate().await.unwrap();
    assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
    database.execute("DROP INDEX missions_by_target ON missions").await; // it was made again
}

#[tokio::test]
async fn a_folder_that_is_missing_or_cannot_be_written_is_named() {
    for (url, folder) in
        [("sqlite:/nowhere/at/all.db", "/nowhere/at"), ("sqlite:/proc/x.db", "/proc")]
    {
        let store = Store::new(&url.parse::<Address>().unwrap());
        let error = store.migrate().await.unwrap_err();
        assert!(
            matches!(&error, Error::Configuration(why) if why.contains(&format!("folder {folder}"))),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_deleted_or_replaced_is_not_written_to() {
    crate::database::on_sqlite(replaced).await;
}

async fn replaced(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([1]), at(0)).await;
    let file = database.address.file().unwrap();
    let aside = file.with_extension("aside");
    let is_lost = async |word: &str| {
        let stored = store.store(&decisions([2]), at(0)).await.unwrap_err().to_string();
        let ready = store.schema().await.unwrap_err().to_string();
        assert!(stored.contains(word) && ready.contains(word), "{stored}; {ready}");
        store.migrate().await.unwrap_err();
    };
    std::fs::rename(file, &aside).unwrap();
    is_lost("deleted").await;
    std::fs::copy(&aside, file).unwrap();
    is_lost("replaced").await;
    std::fs::rename(&aside, file).unwrap();
    put(&store, &decisions([1, 2]), at(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_is_read_again() {
    crate::database::on_mysql(rotated).await;
}

async fn rotated(database: Arc<Database>) {
    database.migrated().await.close().await;
    let (_, name) = database.mysql.as_ref().unwrap();
    let user = name.replace("spymission_test_", "u").chars().take(20).collect::<String>();
    let host = database.address.to_string().split_once('@').unwrap().1.to_owned();
    let address =
        |password| format!("mysql://{user}:{password}@{host}").parse::<Address>().unwrap();
    for sql in [
        format!("CREATE USER {user} IDENTIFIED BY 'one'"),
        format!("GRANT ALL ON {name}.* TO {user}"),
    ] {
        database.on_server(&sql).await;
    }
    let file = Arc::new(std::sync::Mutex::new(address("one")));
    let read = Arc::clone(&file);
    let store = Store::following(&address("one"), move || Ok(read.lock().unwrap().clone()));
    put(&store, &decisions([1]), at(0)).await;
    database.on_server(&format!("ALTER USER {user} IDENTIFIED BY 'two'")).await;
    *file.lock().unwrap() = address("two");
    database.kill_connections().await;
    put(&store, &decisions([2]), at(0)).await;
    database.on_server(&format!("DROP USER {user}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_that_share_statements_end_in_time_when_the_database_hangs() {
    crate::database::on_mysql(hangs).await;
}

/// Two statements run at a time, each is given up after three seconds, and there are more than eight.
async fn hangs(database: Arc<Database>) {
    let store = database.migrated().await;
    let mut rival = database.rival().await;
    rival.execute("LOCK TABLES missions WRITE").await;
    let begun = Instant::now();
    let look_ups = (0..2_500).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.find_one(id(n)).await })
    });
    for look_up in look_ups.collect::<Vec<_>>() {
        let ended = look_up.await.unwrap();
        assert!(matches!(ended, Err(Error::Unavailable(_))), "{ended:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}
