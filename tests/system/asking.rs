//! Asking for missions over HTTP: the way of a mission, on both transports.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::ground::{Embedded, Ground, ask, id};
use crate::http::{get, post};
use crate::rows::row;
use crate::rules::assert_follows_the_rules;

#[tokio::test]
async fn a_mission_asked_for_stands_and_is_found_again() {
    let ground = Ground::new().await;
    let _workers = ground.all_workers();
    let _gateway = ground.gateway().await;
    the_mission_stands(&ground.gateway, &ground.mysql).await;
    lists_come_in_order_and_stand_at_their_address(&ground.gateway, &ground.mysql).await;
    a_walk_shows_every_mission_once(&ground.gateway).await;
}

#[tokio::test]
async fn a_mission_asked_for_stands_and_is_found_again_embedded() {
    let embedded = Embedded::start().await;
    the_mission_stands(&embedded.gateway, &embedded.database).await;
}

#[tokio::test]
async fn lists_come_in_order_and_stand_at_their_address_embedded() {
    let embedded = Embedded::start().await;
    lists_come_in_order_and_stand_at_their_address(&embedded.gateway, &embedded.database).await;
}

#[tokio::test]
async fn a_walk_shows_every_mission_once_embedded() {
    let embedded = Embedded::start().await;
    a_walk_shows_every_mission_once(&embedded.gateway).await;
}

async fn the_mission_stands(gateway: &str, database: &str) {
    for body in [None, Some(json!({}))] {
        let answer = post(gateway, body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let mission = answer.json();
        assert_follows_the_rules(&mission);
        assert_eq!(answer.header("location"), format!("/missions/{}", id(&mission)));
        let found = get(&format!("{gateway}{}", answer.header("location"))).await;
        assert_eq!((found.status, found.json()), (200, mission.clone()));
        assert_eq!(row(database, id(&mission)).await, Some(mission));
    }
}

async fn lists_come_in_order_and_stand_at_their_address(gateway: &str, database: &str) {
    for count in [1, 3, 256] {
        let answer = post(gateway, Some(json!({ "count": count }))).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let missions = answer.json()["missions"].as_array().unwrap().clone();
        missions.iter().for_each(assert_follows_the_rules);
        let request = id(&missions[0]).as_u128();
        assert_eq!(request & 0xff, 0, "the first id ends in 00");
        let ids: Vec<u128> = missions.iter().map(|mission| id(mission).as_u128()).collect();
        assert_eq!(ids, (request..request + count).collect::<Vec<_>>());
        let location = format!("/missions?request={}&count={count}", Uuid::from_u128(request));
        assert_eq!(answer.header("location"), location);
        let found = get(&format!("{gateway}{location}")).await;
        assert_eq!((found.status, found.json()), (200, answer.json()));
        let last = missions.last().unwrap();
        assert_eq!(row(database, id(last)).await.as_ref(), Some(last));
    }
}

/// Pages of six, while one more mission arrives behind the walker's back.
async fn a_walk_shows_every_mission_once(gateway: &str) {
    assert_eq!(post(gateway, Some(json!({"count": 23}))).await.status, 201);
    for _ in 0..4 {
        ask(gateway).await;
    }
    let all = get(&format!("{gateway}/missions?limit=256")).await.json()["missions"].clone();
    let all: Vec<Value> = all.as_array().unwrap().iter().take(27).cloned().collect();
    let (mut seen, mut path) = (Vec::new(), "/missions?limit=6".to_owned());
    while seen.len() < 27 {
        let page = get(&format!("{gateway}{path}")).await;
        let missions = page.json()["missions"].as_array().unwrap().clone();
        assert!(missions.len() <= 6 && !missions.is_empty());
        seen.extend(missions);
        let next = page.json()["next"].as_str().unwrap_or_default().to_owned();
        let Some(link) = page.headers.get("link") else { break };
        path = format!("/missions?limit=6&cursor={next}");
        assert_eq!(link.to_str().unwrap(), format!("<{path}>; rel=\"next\""));
        ask(gateway).await;
    }
    seen.truncate(27);
    assert_eq!(seen, all);
    let newest_first = |pair: &[Value]| place(&pair[0]) > place(&pair[1]);
    assert!(seen.windows(2).all(newest_first), "newest first, each once");
    assert_eq!(page_sizes(gateway, 256).await.iter().sum::<usize>(), page_sizes(gateway, 7).await.iter().sum());
}

fn place(mission: &Value) -> (String, Uuid) {
    (mission["created_at"].as_str().unwrap().to_owned(), id(mission))
}
