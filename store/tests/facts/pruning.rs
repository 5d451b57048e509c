//! Old missions are deleted, a few at a time.

use std::sync::Arc;

use crate::database::{Database, at, decisions, id, put};

crate::facts!(
    old_missions_are_pruned_a_few_at_a_time_the_oldest_first,
    a_prune_and_a_persister_do_not_wait_for_each_other,
);

async fn old_missions_are_pruned_a_few_at_a_time_the_oldest_first(database: Arc<Database>) {
    let store = database.migrated().await;
    for n in 1..=5 {
        put(&store, &decisions([n]), at(i64::try_from(n).unwrap())).await;
    }
    assert_eq!(store.count(at(4)).await, Ok(3));
    assert_eq!(store.prune(at(4), 2).await, Ok(2));
    let found = store.find(&(1..=5).map(id).collect::<Vec<_>>()).await.unwrap().missions;
    assert_eq!(found.iter().map(|mission| mission.id).collect::<Vec<_>>(), [3, 4, 5].map(id));
    assert_eq!(store.prune(at(4), 2).await, Ok(1));
    assert_eq!(store.prune(at(4), 2).await, Ok(0));
    assert_eq!(store.count(at(4)).await, Ok(0));
}

async fn a_prune_and_a_persister_do_not_wait_for_each_other(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(1..=2_000), at(1)).await;
    let pruning = async { while store.prune(at(5), 100).await.unwrap() > 0 {} };
    let storing = async {
        for n in 0..20_u128 {
            put(&database.store(), &decisions(10_000 + 10 * n..10_010 + 10 * n), at(9)).await;
        }
    };
    tokio::join!(pruning, storing);
    assert_eq!(store.count(at(100)).await, Ok(200));
}
