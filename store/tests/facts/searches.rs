//! Filters that no index has: pages look at so many missions, and the next one goes on.

use std::sync::Arc;

use schemas::{Decision, MissionId};
use store::{Filter, ListPage, PageCursor, Store};

use crate::database::{Database, at, decision, decisions, id, put};

crate::facts!(
    a_dossier_is_found_by_how_it_begins_and_a_mission_by_its_casebook,
    a_search_ends_after_so_many_missions_and_goes_on_there_and_back,
);

fn begins(dossier: &str) -> Filter {
    Filter { dossier: Some(dossier.parse().unwrap()), ..Filter::default() }
}

fn of(n: u128, dossier: &str) -> Decision {
    Decision { dossier: dossier.parse().unwrap(), ..decision(n, "Meet with") }
}

fn ids(page: &ListPage) -> Vec<MissionId> {
    page.missions.iter().map(|mission| mission.id).collect()
}

async fn page(store: &Store, filter: &Filter, place: Option<PageCursor>) -> ListPage {
    let place = place.map(|place| place.to_string().parse().unwrap());
    store.list(filter, place, 4).await.unwrap()
}

async fn a_dossier_is_found_by_how_it_begins_and_a_mission_by_its_casebook(
    database: Arc<Database>,
) {
    let store = database.migrated().await;
    let dossiers =
        ["1 z 4 a 7 k 0 b 12 q 3 m", "19 z 4 a 7 k 0 b 12 q 3 m", "2 z 1 a 7 k 0 b 12 q 3 m"];
    for (n, dossier) in (0..).zip(dossiers) {
        put(&store, &[of(n, dossier)], at(0)).await;
    }
    let other = Decision { casebook: "mine".parse().unwrap(), ..of(3, dossiers[1]) };
    put(&store, &[other], at(0)).await;
    let shown = async |filter: Filter| ids(&page(&store, &filter, None).await);
    for (beginning, found) in [
        ("1", &[3, 1, 0][..]),
        ("1 ", &[0]),
        ("19 z", &[3, 1]),
        ("2 z 1", &[2]),
        ("2 z 19", &[]),
        (dossiers[0], &[0]),
    ] {
        assert_eq!(
            shown(begins(beginning)).await,
            found.iter().copied().map(id).collect::<Vec<_>>(),
            "{beginning}"
        );
    }
    let casebook = Some("mine".parse().unwrap());
    assert_eq!(shown(Filter { casebook: casebook.clone(), ..Filter::default() }).await, [id(3)]);
    assert_eq!(shown(Filter { casebook, ..begins("2") }).await, []);
    let objective = Some("Follow".parse().unwrap());
    assert_eq!(shown(Filter { objective, ..begins("1") }).await, []);
    let objective = Some("Meet with".parse().unwrap());
    let target = Some(Decision::example().target);
    assert_eq!(shown(Filter { objective, target, ..begins("2") }).await, [id(2)]);
    assert_eq!(shown(Filter { until: Some(at(0)), ..begins("1") }).await, []);
}

/// 25,000 missions, of which those wanted are the oldest, one far from the ends, and two that end
/// the first look.
async fn a_search_ends_after_so_many_missions_and_goes_on_there_and_back(database: Arc<Database>) {
    let store = database.migrated().await;
    let looked_at = u128::from(Filter::LOOKED_AT);
    let last = 24_999;
    let wanted = [0, 7_000, last - looked_at, last - looked_at + 1];
    for part in 0..25 {
        let mut call = decisions(part * 1_000..(part + 1) * 1_000);
        for decision in &mut call {
            if wanted.map(id).contains(&decision.id) {
                decision.dossier = "3 x 4 a 7 k 0 b 12 q 3 m".parse().unwrap();
            }
        }
        put(&store, &call, at(i64::try_from(part / 10).unwrap())).await;
    }
    let filter = begins("3 x");
    let mut pages = vec![page(&store, &filter, None).await];
    while let Some(next) = pages.last().unwrap().next {
        pages.push(page(&store, &filter, Some(next)).await);
        assert!(pages.len() < 10, "the search does not end");
    }
    let found: Vec<_> = pages.iter().map(ids).collect();
    assert_eq!(found, [vec![id(wanted[3])], vec![id(wanted[2]), id(7_000)], vec![id(0)]]);
    let looked_to: Vec<_> = pages.iter().map(|page| page.looked_to).collect();
    assert_eq!(looked_to, [Some(at(1)), Some(at(0)), None]);
    let mut back = Vec::new();
    let mut place = pages.last().unwrap().prev;
    while let Some(prev) = place {
        let page = page(&store, &filter, Some(prev)).await;
        back.splice(0..0, ids(&page));
        assert!(back.len() < 10, "the search does not end");
        place = page.prev;
    }
    assert_eq!(back, [wanted[3], wanted[2], 7_000].map(id));
}
