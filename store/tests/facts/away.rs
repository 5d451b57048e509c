//! A database that is away, silent, locked or refuses us is an error within the deadline.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use store::{Address, Error, Store};

use crate::database::{Database, at, decisions, put};

crate::facts!(a_rival_that_does_not_finish_is_an_error_in_time, a_closed_store_is_unavailable);

/// The deadlines for a connection and an answer, and a second of grace for a busy machine.
const DEADLINE: Duration = Duration::from_secs(6);

async fn fails_in_time(address: &str) -> Error {
    let store = Store::new(&address.parse::<Address>().unwrap());
    let begun = Instant::now();
    let (ping, stored) =
        tokio::join!(store.ping(), async { store.store(&decisions([1]), at(0)).await });
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    assert_eq!(stored.unwrap_err(), ping.clone().unwrap_err());
    ping.unwrap_err()
}

#[tokio::test]
async fn a_database_that_is_away_is_an_error_within_its_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mysql://spy:secret@{}/missions", listener.local_addr().unwrap());
    let silent = fails_in_time(&url).await; // it accepts connections and sends nothing
    drop(listener);
    let refused = fails_in_time(&url).await;
    for error in [silent, refused] {
        assert!(
            matches!(&error, Error::Unavailable(detail) if !detail.contains("secret")),
            "{error}"
        );
    }
    let nowhere = fails_in_time("sqlite:/nowhere/at/all.db").await;
    assert!(matches!(nowhere, Error::Configuration(_)), "{nowhere}");
}

async fn a_rival_that_does_not_finish_is_an_error_in_time(database: Arc<Database>) {
    let store = database.migrated().await;
    let mut rival = database.rival().await;
    let row = "INSERT INTO missions VALUES (X'00000000000000000000000000000001', '19 z 4 a 7 k 0 b 12 q 3 m',
        'Follow', 'Duchess', 'malory', ";
    let now = if database.mysql.is_some() { "'2026-11-22 13:24:51')" } else { "0)" };
    rival.execute("BEGIN").await;
    rival.execute(&format!("{row}{now}")).await;
    let begun = Instant::now();
    let error = store.store(&decisions([1, 2]), at(0)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    rival.execute("COMMIT").await;
    let stored = put(&store, &decisions([1, 2]), at(0)).await;
    assert_eq!(stored[0].target.as_str(), "Duchess");
}

async fn a_closed_store_is_unavailable(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([1]), at(0)).await;
    store.close().await;
    assert!(matches!(store.ping().await, Err(Error::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_killed_is_replaced() {
    crate::database::on_mysql(killed).await;
}

async fn killed(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([1]), at(0)).await;
    database.kill_connections().await;
    put(&store, &decisions([1, 2]), at(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_too_late_costs_its_connection_and_nothing_else() {
    crate::database::on_mysql(late).await;
}

async fn late(database: Arc<Database>) {
    let store = database.migrated().await;
    let stored = put(&store, &decisions([1]), at(0)).await;
    database
        .execute("CREATE TRIGGER slow BEFORE INSERT ON missions FOR EACH ROW SET @slow = SLEEP(6)")
        .await;
    let begun = Instant::now();
    let error = store.store(&decisions([2]), at(0)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    // The next one does not wait behind the late answer.
    assert_eq!(store.find(&[stored[0].id]).await.unwrap().missions, stored);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_a_matter_of_configuration() {
    crate::database::on_mysql(denied).await;
}

async fn denied(database: Arc<Database>) {
    let address = database.address.to_string();
    let (_, host) = address.split_once('@').unwrap();
    let error = fails_in_time(&format!("mysql://nobody:secret@{host}")).await;
    assert!(
        matches!(&error, Error::Configuration(detail) if !detail.contains("secret")),
        "{error}"
    );
}
