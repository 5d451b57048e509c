//! The pages of the list, there and back.

use std::sync::Arc;

use schemas::MissionId;
use store::{Cursor, Filter, ListPage, PageCursor, Store};

use crate::database::{Database, at, decision, decisions, id, put};

crate::facts!(
    a_walk_back_shows_the_pages_of_the_walk_again,
    the_pages_before_have_what_was_stored_meanwhile_too,
    a_page_without_rows_leads_back_to_the_row_that_it_begins_behind,
    a_walk_back_goes_over_rows_that_cannot_be_read,
);

const LIMIT: u16 = 4;

/// A page, and the text of the cursor as a caller hands it back.
async fn page(store: &Store, filter: &Filter, place: Option<PageCursor>) -> ListPage {
    let place = place.map(|place| place.to_string().parse().unwrap());
    store.list(filter, place, LIMIT).await.unwrap()
}

/// Every page from the newest to the oldest.
async fn forth(store: &Store, filter: &Filter) -> Vec<ListPage> {
    let mut pages = vec![page(store, filter, None).await];
    while let Some(next) = pages.last().unwrap().next {
        pages.push(page(store, filter, Some(next)).await);
        assert!(pages.len() < 100, "the walk does not end");
    }
    pages
}

/// Every page before this one, and this one.
async fn back(store: &Store, filter: &Filter, last: &ListPage) -> Vec<ListPage> {
    let mut pages = vec![last.clone()];
    while let Some(prev) = pages.last().unwrap().prev {
        pages.push(page(store, filter, Some(prev)).await);
        assert!(pages.len() < 100, "the walk does not end");
    }
    pages.reverse();
    pages
}

fn ids<'p>(pages: impl IntoIterator<Item = &'p ListPage>) -> Vec<MissionId> {
    pages.into_iter().flat_map(|page| &page.missions).map(|mission| mission.id).collect()
}

/// Most rows share their time with others, so only their ids order them.
async fn a_walk_back_shows_the_pages_of_the_walk_again(database: Arc<Database>) {
    let store = database.migrated().await;
    for n in 0..30 {
        let objective = if n % 3 == 0 { "Meet with" } else { "Follow" };
        put(&store, &[decision(n, objective)], at(i64::try_from(n / 7).unwrap())).await;
    }
    let follow = Filter { objective: Some("Follow".parse().unwrap()), ..Filter::default() };
    let some = Filter { since: Some(at(1)), until: Some(at(4)), ..follow.clone() };
    for (filter, rows) in [(Filter::default(), 30), (follow, 20), (some, 14)] {
        let there = forth(&store, &filter).await;
        assert_eq!(ids(&there).len(), rows);
        assert_eq!(there[0].prev, None, "the first page");
        assert!(there[1..].iter().all(|page| page.prev.is_some()));
        let again = back(&store, &filter, there.last().unwrap()).await;
        assert!(
            there.iter().map(|page| &page.missions).eq(again.iter().map(|page| &page.missions))
        );
        let onward = |pages: &[ListPage]| pages.iter().map(|page| page.next).collect::<Vec<_>>();
        assert_eq!(onward(&there), onward(&again), "a page is left the same way on");
    }
}

async fn the_pages_before_have_what_was_stored_meanwhile_too(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(10..20), at(5)).await;
    let filter = Filter::default();
    let there = forth(&store, &filter).await;
    put(&store, &decisions(20..23), at(5)).await; // newer by their ids alone
    put(&store, &decisions([0, 1]), at(6)).await;
    let again = back(&store, &filter, there.last().unwrap()).await;
    assert_eq!(ids(&again), [1, 0].into_iter().chain((10..23).rev()).map(id).collect::<Vec<_>>());
    assert_eq!(ids([&again[again.len() - 2]]), ids([&there[1]]), "the page before is what it was");
    assert_eq!((again.len(), again[0].prev), (5, None));
    assert_eq!(ids([&again[0]]), [1].map(id), "the first page is short");
}

async fn a_page_without_rows_leads_back_to_the_row_that_it_begins_behind(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions([1, 2]), at(5)).await;
    let position = |n| Cursor { created_at: at(5), id: id(n) };
    let filter = Filter::default();
    let oldest = page(&store, &filter, Some(PageCursor::older(position(1)))).await;
    assert_eq!((oldest.missions.len(), oldest.next), (0, None));
    assert_eq!(ids([&page(&store, &filter, oldest.prev).await]), [2, 1].map(id));
    let newest = page(&store, &filter, Some(PageCursor::newer(position(2)))).await;
    assert_eq!((newest.missions.len(), newest.prev), (0, None));
    assert_eq!(ids([&page(&store, &filter, newest.next).await]), [2, 1].map(id));
}

async fn a_walk_back_goes_over_rows_that_cannot_be_read(database: Arc<Database>) {
    let store = database.migrated().await;
    put(&store, &decisions(0..30), at(0)).await;
    let spoil = format!(
        "UPDATE missions SET casebook = '' WHERE id BETWEEN X'{:032x}' AND X'{:032x}'",
        5, 24
    );
    database.execute(&spoil).await;
    let filter = Filter::default();
    let there = forth(&store, &filter).await;
    let again = back(&store, &filter, there.last().unwrap()).await;
    assert_eq!(ids(&again), (0..5).chain(25..30).rev().map(id).collect::<Vec<_>>());
    let unreadable =
        |pages: &[ListPage]| pages.iter().map(|page| page.unreadable.clone()).collect::<Vec<_>>();
    assert_eq!(unreadable(&again), unreadable(&there), "each is named on its page");
}
