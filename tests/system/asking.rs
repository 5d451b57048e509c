//! Asking for missions over HTTP: the way of a mission, on both transports.

use serde_json::Value;
use uuid::Uuid;

use crate::ground::{Embedded, Ground, ask, id};

#[tokio::test]
async fn a_mission_asked_for_stands_and_is_found_again() {
    let ground = Ground::new().await;
    let _workers = ground.all_workers();
    let _gateway = ground.gateway().await;
    the_mission_stands(&ground.gateway).await;
    let [dossier, objective, target] = ground.row(newest(&ground.gateway).await).await.unwrap();
    assert!(!dossier.is_empty() && !objective.is_empty() && !target.is_empty());
}

#[tokio::test]
async fn a_mission_asked_for_stands_and_is_found_again_embedded() {
    let embedded = Embedded::start().await;
    the_mission_stands(&embedded.gateway).await;
}

async fn the_mission_stands(gateway: &str) {
    let client = reqwest::Client::new();
    let answer = client.post(format!("{gateway}/missions")).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let mission: Value = answer.json().await.unwrap();
    assert_eq!(location, format!("/missions/{}", mission["id"].as_str().unwrap()));
    let found = reqwest::get(format!("{gateway}{location}")).await.unwrap();
    assert_eq!(found.status(), 200);
    assert_eq!(found.json::<Value>().await.unwrap(), mission);
}

async fn newest(gateway: &str) -> Uuid {
    let page = reqwest::get(format!("{gateway}/missions?limit=1")).await.unwrap();
    id(&page.json::<Value>().await.unwrap()["missions"][0])
}

#[tokio::test]
async fn whoever_starts_first_waits_for_the_others() {
    let ground = Ground::new().await;
    let _gateway = ground.gateway().await;
    let asking = tokio::spawn({
        let gateway = ground.gateway.clone();
        async move { ask(&gateway).await }
    });
    let _late = ground.all_workers();
    assert!(ground.row(id(&asking.await.unwrap())).await.is_some());
}
