//! For every id the first row is kept.

use std::sync::Arc;
use std::time::Duration;

use store::Filter;

use crate::database::{Database, at, decision, decisions, id, put};

crate::facts!(
    a_mission_stored_twice_has_one_row,
    the_first_row_is_kept_and_returned,
    an_id_twice_in_one_call_is_stored_once,
    some_ids_already_stored_the_rest_is_inserted,
    nothing_to_store_is_fine,
    more_rows_than_one_statement_takes_are_stored,
    two_persisters_with_overlapping_merges_in_opposite_order_both_finish,
    a_row_the_database_refuses_does_not_fail_its_neighbours,
    a_caller_that_goes_away_harms_nobody,
);

async fn a_mission_stored_twice_has_one_row(database: Arc<Database>) {
    let store = database.migrated().await;
    let first = put(&store, &decisions([1]), at(0)).await;
    let again = put(&store, &decisions([1]), at(5)).await;
    assert_eq!(first, again);
    assert_eq!(store.list(&Filter::default(), None, 10).await.unwrap().missions, first);
}

async fn the_first_row_is_kept_and_returned(database: Arc<Database>) {
    let store = database.migrated().await;
    let first = put(&store, &[decision(1, "Follow")], at(0)).await;
    let other = put(&store, &[decision(1, "Meet with")], at(5)).await;
    assert_eq!(other, first);
    assert_eq!(first, [decision(1, "Follow").stored(at(0))]);
}

async fn an_id_twice_in_one_call_is_stored_once(database: Arc<Database>) {
    let store = database.migrated().await;
    let call = [decision(2, "Follow"), decision(1, "Follow"), decision(2, "Meet with")];
    let stored = put(&store, &call, at(0)).await;
    let [two, one] = [2, 1].map(|n| decision(n, "Follow").stored(at(0)));
    assert_eq!(stored, [two.clone(), one, two]);
    assert_eq!(store.list(&Filter::default(), None, 10).await.unwrap().missions.len(), 2);
}

async fn some_ids_already_stored_the_rest_is_inserted(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions((0..100).step_by(3)), at(0)).await;
    let stored = put(&store, &decisions((0..100).rev()), at(5)).await;
    for (n, mission) in (0..100).rev().zip(&stored) {
        let time = if n % 3 == 0 { at(0) } else { at(5) };
        assert_eq!(*mission, decision(n, "Meet with").stored(time));
    }
    let ids: Vec<_> = (0..100).rev().map(id).collect();
    assert_eq!(store.find(&ids).await.unwrap().missions, stored);
}

async fn nothing_to_store_is_fine(database: Arc<Database>) {
    let store = database.migrated().await;
    assert!(store.store(&[], at(0)).await.unwrap().is_empty());
    assert!(store.find(&[]).await.unwrap().missions.is_empty());
}

async fn more_rows_than_one_statement_takes_are_stored(database: Arc<Database>) {
    let store = database.migrated().await;
    let stored = put(&store, &decisions(0..2_500), at(0)).await;
    let ids: Vec<_> = (0..2_500).map(id).collect();
    assert_eq!(stored.iter().map(|mission| mission.id).collect::<Vec<_>>(), ids);
    assert_eq!(store.find(&ids).await.unwrap().missions, stored);
}

/// In each round both store 60 ids, one upwards and one downwards. 40 ids are the same; both must get
/// the same rows for them.
async fn two_persisters_with_overlapping_merges_in_opposite_order_both_finish(
    database: Arc<Database>,
) {
    let (one, two) = (database.migrated().await, database.store());
    for round in 0..60 {
        let first = round * 100;
        let upwards: Vec<_> = (first..first + 60).map(|n| decision(n, "Follow")).collect();
        let downwards = decisions((first + 20..first + 80).rev());
        let (up, down) = tokio::join!(put(&one, &upwards, at(1)), put(&two, &downwards, at(2)));
        assert_eq!(up[20..], down.iter().rev().take(40).cloned().collect::<Vec<_>>());
        let ids: Vec<_> = (first..first + 80).map(id).collect();
        let rows = one.find(&ids).await.unwrap().missions;
        assert_eq!(
            (&rows[..60], &rows[20..]),
            (&up[..], &down.into_iter().rev().collect::<Vec<_>>()[..])
        );
    }
}

async fn a_row_the_database_refuses_does_not_fail_its_neighbours(database: Arc<Database>) {
    let store = database.migrated().await;
    database
        .execute(if database.mysql.is_some() {
            "ALTER TABLE missions ADD CONSTRAINT somebody CHECK (objective <> 'Nobody')"
        } else {
            "CREATE TRIGGER somebody BEFORE INSERT ON missions WHEN NEW.objective = 'Nobody'
         BEGIN SELECT RAISE(ABORT, 'violates somebody'); END"
        })
        .await;
    put(&store, &decisions([11]), at(0)).await;
    let bad = |n: &u128| [7, 8, 30].contains(n);
    let call: Vec<_> =
        (0..50).map(|n| decision(n, if bad(&n) { "Nobody" } else { "Meet with" })).collect();
    let results = store.store(&call, at(5)).await.unwrap();
    for (n, result) in (0..50).zip(&results) {
        match result {
            Ok(mission) => assert_eq!((mission.id, bad(&n)), (id(n), false)),
            Err(rejected) => assert!(bad(&n) && rejected.reason.contains("somebody"), "{rejected}"),
        }
    }
    let stored = store.find(&(0..50).map(id).collect::<Vec<_>>()).await.unwrap().missions;
    assert_eq!(stored, results.into_iter().flatten().collect::<Vec<_>>());
}

/// Callers give up at any point of the work. Afterwards each connection still gives the answer to its
/// own statement, and what was begun can be stored again.
async fn a_caller_that_goes_away_harms_nobody(database: Arc<Database>) {
    let store = database.migrated().await;
    for round in 0..60 {
        let call = decisions(round * 20..round * 20 + 20);
        let patience = Duration::from_micros(u64::try_from(round).unwrap() * 50);
        let _ = tokio::time::timeout(patience, store.store(&call, at(0))).await;
        let found = store.find(&[id(round * 20)]).await.unwrap().missions;
        assert!(found.iter().all(|mission| mission.id == id(round * 20)));
    }
    let stored = put(&store, &decisions(0..1_200), at(0)).await;
    assert_eq!(store.find(&(0..1_200).map(id).collect::<Vec<_>>()).await.unwrap().missions, stored);
}
