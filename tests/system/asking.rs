//! Requests for missions over HTTP, on both transports.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::{get, post};
use crate::rules::assert_follows_the_rules;
use crate::system::{Embedded, System, ask, id};

#[tokio::test]
async fn a_requested_mission_is_stored_and_found_again() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let mut told = one_mission(&system.gateway).await;
    system.stands(&told[0]).await;
    for list in lists(&system.gateway).await {
        system.stands(list.last().unwrap()).await;
        told.extend(list);
    }
    assert_eq!(system.rows().await, i64::try_from(told.len()).unwrap());
    a_walk_shows_each_once(&system.gateway, 100, told).await;
}

#[tokio::test]
async fn a_requested_mission_is_stored_and_found_again_embedded() {
    let embedded = Embedded::start().await;
    for mission in one_mission(&embedded.gateway).await {
        embedded.stands(&mission).await;
    }
}

#[tokio::test]
async fn lists_come_in_order_and_are_found_at_their_address_embedded() {
    let embedded = Embedded::start().await;
    for list in lists(&embedded.gateway).await {
        embedded.stands(list.last().unwrap()).await;
    }
}

#[tokio::test]
async fn a_walk_shows_every_mission_once_embedded() {
    let embedded = Embedded::start().await;
    let mut told = list_of(&embedded.gateway, 23).await;
    told.extend(one_mission(&embedded.gateway).await);
    let first = get(&format!("{}/missions", embedded.gateway)).await;
    assert_eq!(first.json()["missions"].as_array().unwrap().len(), 20, "unless a limit is named");
    a_walk_shows_each_once(&embedded.gateway, 6, told).await;
}

/// No body and `{}` both give one mission: the reply, the row and the rules agree.
async fn one_mission(gateway: &str) -> Vec<Value> {
    let mut told = Vec::new();
    for body in [None, Some(json!({}))] {
        let answer = post(gateway, body).await;
        assert_eq!((answer.status, answer.header("content-type")), (201, "application/json"));
        let mission = answer.json();
        assert_follows_the_rules(&mission);
        assert_eq!(answer.header("location"), format!("/missions/{}", id(&mission)));
        let found = get(&format!("{gateway}{}", answer.header("location"))).await;
        assert_eq!((found.status, found.json()), (200, mission.clone()));
        told.push(mission);
    }
    told
}

async fn lists(gateway: &str) -> [Vec<Value>; 3] {
    [list_of(gateway, 1).await, list_of(gateway, 3).await, list_of(gateway, 256).await]
}

/// A list: its ids count up from one that ends in 00, and its address serves it.
async fn list_of(gateway: &str, count: usize) -> Vec<Value> {
    let answer = post(gateway, Some(json!({ "count": count }))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let told = answer.json();
    let missions = told["missions"].as_array().unwrap().clone();
    missions.iter().for_each(assert_follows_the_rules);
    let request = id(&missions[0]).as_u128();
    assert_eq!(request & 0xff, 0, "the first id ends in 00");
    let ids: Vec<u128> = missions.iter().map(|mission| id(mission).as_u128()).collect();
    assert_eq!(ids, (request..).take(count).collect::<Vec<_>>());
    let location = format!("/missions?request={}&count={count}", Uuid::from_u128(request));
    assert_eq!(answer.header("location"), location);
    let found = get(&format!("{gateway}{location}")).await;
    assert_eq!((found.status, found.json()), (200, told));
    missions
}

/// Reads page by page to the end and back, while a new mission is stored before each page.
async fn a_walk_shows_each_once(gateway: &str, limit: usize, mut told: Vec<Value>) {
    let mut seen: Vec<Value> = Vec::new();
    let mut next = Some(format!("/missions?limit={limit}"));
    let mut way = Vec::new();
    while let Some(path) = next {
        let page = get(&format!("{gateway}{path}")).await;
        let missions = page.json()["missions"].as_array().unwrap().clone();
        assert_eq!(missions.len(), limit.min(told.len() - seen.len()), "{path}");
        seen.extend(missions.clone());
        next = page.json()["next"].as_str().map(|c| format!("/missions?limit={limit}&cursor={c}"));
        let before =
            page.json()["prev"].as_str().map(|c| format!("/missions?limit={limit}&cursor={c}"));
        assert_eq!(page.header("link"), links(&next, &before));
        assert_eq!(before.is_some(), path.contains("cursor"), "the first page has none before it");
        ask(gateway).await;
        way.push((missions, before));
    }
    for ((_, before), (missions, _)) in way.iter().skip(1).zip(&way) {
        let page = get(&format!("{gateway}{}", before.as_ref().unwrap())).await.json();
        assert_eq!(page["missions"].as_array(), Some(missions), "{before:?}");
        assert!(page["prev"].is_string(), "what was stored meanwhile comes before: {before:?}");
    }
    let newest_first = |mission: &Value| std::cmp::Reverse((time(mission), id(mission)));
    told.sort_by_key(newest_first);
    assert_eq!(seen, told);
}

/// The header `Link` to the next page and to the page before.
fn links(next: &Option<String>, before: &Option<String>) -> String {
    let link =
        |page: &Option<String>, rel| page.as_ref().map(|page| format!("<{page}>; rel=\"{rel}\""));
    [link(next, "next"), link(before, "prev")].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn time(mission: &Value) -> String {
    mission["created_at"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn fifty_callers_at_once_get_fifty_missions_embedded() {
    let embedded = Embedded::start().await;
    let callers: Vec<_> = (0..50)
        .map(|_| embedded.gateway.clone())
        .map(|gateway| tokio::spawn(async move { ask(&gateway).await }))
        .collect();
    let mut ids = HashSet::new();
    for caller in callers {
        let told = caller.await.unwrap();
        assert_follows_the_rules(&told);
        embedded.stands(&told).await;
        assert!(ids.insert(id(&told)), "{told} was given twice");
    }
}

#[tokio::test]
async fn processes_may_start_in_any_order() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let asking = tokio::spawn({
        let gateway = system.gateway.clone();
        async move { ask(&gateway).await }
    });
    let _late = system.all_workers();
    assert!(system.row(id(&asking.await.unwrap())).await.is_some());
}
