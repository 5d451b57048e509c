//! What was stored reads back as itself, and the list shows everything once.

use std::collections::HashMap;
use std::sync::Arc;

use schemas::CreatedAt;
use store::{Cursor, Filter, PageCursor};
use telemetry::Statement;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::database::{Database, at, decision, decisions, id, put};

crate::facts!(
    times_keep_their_microseconds,
    the_time_is_the_databases_whatever_the_local_clock_says,
    a_text_of_any_characters_reads_back,
    missions_are_found_in_the_order_of_the_ids,
    look_ups_of_many_callers_share_statements_and_each_finds_its_own,
    the_list_is_newest_first,
    what_lies_behind_a_position_is_oldest_first,
    a_row_that_cannot_be_read_is_told_and_the_others_are_shown,
    a_walk_goes_on_where_no_row_of_a_page_can_be_read,
    a_filter_shows_what_meets_all_its_conditions,
    a_walk_shows_every_row_stored_before_it_exactly_once_while_rows_arrive,
);

async fn times_keep_their_microseconds(database: Arc<Database>) {
    let store = database.migrated().await;
    for (n, micros) in [(1, 0), (2, 1), (3, 999_999), (4, 123_450)] {
        put(&store, &decisions([n]), at(micros)).await;
        assert_eq!(
            store.find(&[id(n)]).await.unwrap().missions,
            [decision(n, "Meet with").stored(at(micros))]
        );
    }
}

async fn a_text_of_any_characters_reads_back(database: Arc<Database>) {
    let store = database.migrated().await;
    let texts = [
        "d'Artagnan",
        r#"\' OR 1=1; -- "`"#,
        "Ω 😀 ä\u{301}",
        "%s ? $1 :a",
        "0x41 X'41'",
        &"😀".repeat(63),
    ];
    let call: Vec<_> = (0..).zip(texts).map(|(n, text)| decision(n, text)).collect();
    let stored = put(&store, &call, at(0)).await;
    let found = store.find(&(0..6).map(id).collect::<Vec<_>>()).await.unwrap().missions;
    assert_eq!(found, stored);
    assert!(found.iter().map(|mission| mission.objective.as_str()).eq(texts));
}

async fn missions_are_found_in_the_order_of_the_ids(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([1, 2, 3]), at(0)).await;
    let found = store.find(&[id(3), id(9), id(1), id(2)]).await.unwrap().missions;
    assert_eq!(found.iter().map(|mission| mission.id).collect::<Vec<_>>(), [3, 1, 2].map(id));
}

async fn look_ups_of_many_callers_share_statements_and_each_finds_its_own(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(0..300), at(0)).await;
    spoil(&database, 7, 7).await;
    let statements = || telemetry::process().statements.of(Statement::Read).snapshot().count();
    let before = statements();
    let look_ups = (0..600).map(|n| {
        let store = store.clone();
        let number = n / 2; // each id twice; those from 250 on are not stored
        let wanted = if number < 250 { number } else { number + 1_000 };
        tokio::spawn(async move { (wanted, store.find_one(id(wanted)).await.unwrap()) })
    });
    for look_up in look_ups.collect::<Vec<_>>() {
        let (wanted, found) = look_up.await.unwrap();
        let ids: Vec<_> = found.missions.iter().map(|mission| mission.id).collect();
        let wrong: Vec<_> = found.unreadable.iter().filter_map(|row| row.id).collect();
        match wanted {
            7 => assert_eq!((ids, wrong), (vec![], vec![id(7)])),
            0..250 => assert_eq!((ids, wrong), (vec![id(wanted)], vec![])),
            _ => assert_eq!((ids, wrong), (vec![], vec![])),
        }
    }
    assert!(statements() - before < 100, "{} statements", statements() - before);
}

async fn the_list_is_newest_first(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([5, 4]), at(7)).await;
    put(&store, &decisions([9, 1]), at(6)).await;
    put(&store, &decisions([2]), at(8)).await;
    let ids = async |before, limit| {
        let list = store.list(&Filter::default(), before, limit).await.unwrap().missions;
        list.iter().map(|mission| mission.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 10).await, [2, 5, 4, 9, 1].map(id));
    assert_eq!(ids(None, 2).await, [2, 5].map(id));
    let behind = |n| Some(PageCursor::older(Cursor { created_at: at(7), id: id(n) }));
    assert_eq!(ids(behind(5), 2).await, [4, 9].map(id));
    assert_eq!(ids(behind(0), 10).await, [9, 1].map(id));
}

async fn what_lies_behind_a_position_is_oldest_first(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([5, 4]), at(7)).await;
    put(&store, &decisions([9, 1]), at(6)).await;
    let ids = async |created_at, n, limit| {
        let list = store.after(Cursor { created_at, id: id(n) }, limit).await.unwrap().missions;
        list.iter().map(|mission| mission.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(at(0), 0, 10).await, [1, 9, 4, 5].map(id));
    assert_eq!(ids(at(6), 1, 2).await, [9, 4].map(id));
    assert_eq!(ids(at(7), 5, 10).await, []);
}

async fn a_filter_shows_what_meets_all_its_conditions(database: Arc<Database>) {
    let store = database.migrated().await;
    for (n, objective) in [(1, "Follow"), (2, "Meet with"), (3, "Follow"), (4, "follow")] {
        put(&store, &[decision(n, objective)], at(i64::try_from(n).unwrap())).await;
    }
    let shown = async |filter| {
        let list = store.list(&filter, None, 10).await.unwrap().missions;
        list.iter().map(|mission| mission.id).collect::<Vec<_>>()
    };
    let text = |text: &str| Some(text.parse().unwrap());
    let follow = Filter { objective: text("Follow"), ..Filter::default() };
    assert_eq!(shown(follow.clone()).await, [3, 1].map(id));
    assert_eq!(shown(Filter { since: Some(at(2)), ..follow.clone() }).await, [3].map(id));
    assert_eq!(shown(Filter { until: Some(at(3)), ..follow.clone() }).await, [1].map(id));
    assert_eq!(shown(Filter { target: text("nobody"), ..follow }).await, []);
    let nobody = Filter { target: text("d'Artagnan"), ..Filter::default() };
    assert_eq!(shown(nobody).await, []);
}

/// Many rows share their time, and those that arrive are newer, older and in between.
async fn a_walk_shows_every_row_stored_before_it_exactly_once_while_rows_arrive(
    database: Arc<Database>,
) {
    let store = database.migrated().await;
    for part in 0..10 {
        put(
            &store,
            &decisions((0..20).map(|n| n * 100 + part)),
            at(i64::try_from(part).unwrap() * 10),
        )
        .await;
    }
    let mut seen = HashMap::new();
    let mut before = None;
    for page in 1.. {
        assert!(page < 100, "the walk does not end");
        let shown = store.list(&Filter::default(), before, 7).await.unwrap();
        for mission in &shown.missions {
            *seen.entry(mission.id).or_insert(0) += 1;
        }
        let Some(next) = shown.next else { break };
        before = Some(next.to_string().parse().unwrap());
        put(
            &store,
            &decisions([page * 100 + 50, page * 100 + 51]),
            at(i64::try_from(page * 37 % 110).unwrap()),
        )
        .await;
    }
    let stood = (0..20).flat_map(|n| (0..10).map(move |part| id(n * 100 + part)));
    assert!(stood.into_iter().all(|id| seen.get(&id) == Some(&1)));
    assert!(seen.values().all(|&times| times == 1));
}

async fn the_time_is_the_databases_whatever_the_local_clock_says(database: Arc<Database>) {
    let store = database.migrated().await;
    let clocks: [fn() -> OffsetDateTime; 2] =
        [|| datetime!(2020-01-01 00:00 UTC), || datetime!(2100-01-01 00:00 UTC)];
    for clock in clocks {
        for _ in 0..2 {
            let time = store.time(clock).await.unwrap();
            // SQLite has no clock of its own.
            let right = store.now().await.unwrap().unwrap_or(CreatedAt::truncated(clock()));
            assert!(time.micros().abs_diff(right.micros()) < 5_000_000, "{time}, not {right}");
        }
    }
}

async fn a_row_that_cannot_be_read_is_told_and_the_others_are_shown(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(1..6), at(0)).await;
    spoil(&database, 3, 3).await;
    let found = store.find(&(1..6).map(id).collect::<Vec<_>>()).await.unwrap();
    let list = store.list(&Filter::default(), None, 10).await.unwrap();
    let after = store.after(Cursor { created_at: at(0), id: id(0) }, 10).await.unwrap();
    let pages = [
        (found.missions, found.unreadable, [1, 2, 4, 5]),
        (list.missions, list.unreadable, [5, 4, 2, 1]),
        (after.missions, after.unreadable, [1, 2, 4, 5]),
    ];
    for (missions, unreadable, ids) in pages {
        assert_eq!(missions.iter().map(|m| m.id).collect::<Vec<_>>(), ids.map(id));
        assert!(
            matches!(&unreadable[..], [row] if row.id == Some(id(3)) && row.reason.contains("casebook")),
            "{unreadable:?}"
        );
    }
}

async fn a_walk_goes_on_where_no_row_of_a_page_can_be_read(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(0..30), at(0)).await;
    spoil(&database, 5, 24).await;
    let (mut before, mut shown, mut unreadable) = (None, Vec::new(), 0);
    loop {
        let page = store.list(&Filter::default(), before, 4).await.unwrap();
        unreadable += page.unreadable.len();
        shown.extend(page.missions.iter().map(|mission| mission.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(unreadable, 20);
    assert_eq!(shown, (0..5).chain(25..30).rev().map(id).collect::<Vec<_>>());
}

/// Makes what no casebook is called of the rows from this number to that one.
async fn spoil(database: &Database, from: u128, to: u128) {
    let spoil = format!(
        "UPDATE missions SET casebook = '' WHERE id BETWEEN X'{from:032x}' AND X'{to:032x}'"
    );
    database.execute(&spoil).await;
}
