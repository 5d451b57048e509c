//! How many missions there are, told without a look at each.

use std::sync::Arc;

use store::{CasebookCount, Total};

use crate::database::{Database, at, decisions, id, put};

crate::facts!(
    a_few_missions_are_counted,
    many_missions_are_not_counted_one_by_one,
    casebooks_are_told_of_the_newest_missions,
);

async fn a_few_missions_are_counted(database: Arc<Database>) {
    let store = database.migrated().await;
    assert_eq!(store.total().await.unwrap(), Total::Exactly(0));
    put(&store, &decisions(0..300), at(0)).await;
    assert_eq!(store.total().await.unwrap(), Total::Exactly(300));
}

async fn many_missions_are_not_counted_one_by_one(database: Arc<Database>) {
    let store = database.migrated().await;
    for part in 0..51 {
        put(&store, &decisions(part * 1_000..(part + 1) * 1_000), at(0)).await;
    }
    let total = store.total().await.unwrap();
    assert!(
        match store.system() {
            "mysql" => matches!(total, Total::About(50_001..110_000)),
            _ => total == Total::MoreThan(50_000),
        },
        "{total:?}"
    );
}

async fn casebooks_are_told_of_the_newest_missions(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(0..10), at(0)).await;
    for (from, to, casebook) in [(0, 3, "old"), (7, 9, "mine")] {
        let ids = format!("id BETWEEN X'{:032x}' AND X'{:032x}'", id_of(from), id_of(to));
        database.execute(&format!("UPDATE missions SET casebook = '{casebook}' WHERE {ids}")).await;
    }
    let told = async |newest, most| {
        let told = store.casebooks(newest, most).await.unwrap().into_iter();
        told.map(|CasebookCount { casebook, missions }| (casebook, missions)).collect::<Vec<_>>()
    };
    let of = |casebook: &str, missions| (casebook.to_owned(), missions);
    assert_eq!(told(100, 10).await, [of("old", 4), of("malory", 3), of("mine", 3)]);
    assert_eq!(told(6, 10).await, [of("malory", 3), of("mine", 3)]);
    assert_eq!(told(100, 1).await, [of("old", 4)]);
}

fn id_of(number: u128) -> u128 {
    id(number).uuid().as_u128()
}
