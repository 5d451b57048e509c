//! `Prefer` and `Accept`: a caller says how long it waits, and what it reads.

use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde_json::Value;

use crate::http::{request, send};
use crate::judge::conforms;
use crate::system::{Embedded, System, ask, eventually, id};

fn post(gateway: &str) -> RequestBuilder {
    let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    client.post(format!("{gateway}/missions"))
}

#[tokio::test]
async fn a_caller_that_prefers_not_to_wait_finds_the_mission_at_its_location() {
    let system = System::new().await;
    let (_gateway, _workers) = (system.gateway().await, system.all_but(["letter", "persister"]));
    let answer = send(post(&system.gateway).header("Prefer", "respond-async")).await;
    assert_eq!(answer.status, 202);
    conforms("POST", "/missions", &answer);
    assert_eq!(answer.header("preference-applied"), "respond-async");
    assert!(answer.headers.contains_key("retry-after"));
    let location = format!("{}{}", system.gateway, answer.header("location"));
    assert_eq!(reqwest::get(&location).await.unwrap().status(), StatusCode::ACCEPTED);
    let _rest = system.workers(["letter", "persister"]);
    eventually("the mission at its location", async || {
        reqwest::get(&location).await.unwrap().status() == StatusCode::OK
    })
    .await;
}

#[tokio::test]
async fn a_caller_waits_no_longer_than_it_prefers() {
    let system = System::new().await;
    let (_gateway, _workers) = (system.gateway().await, system.all_but(["letter", "persister"]));
    let begun = Instant::now();
    let answer = post(&system.gateway).header("Prefer", "wait=1").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(answer.headers()["preference-applied"], "wait=1");
    let waited = begun.elapsed(); // without `Prefer` the gateway waits for 10 s
    assert!((Duration::from_secs(1)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

#[tokio::test]
async fn a_caller_that_waits_gets_the_mission_as_soon_as_it_is_stored() {
    let embedded = Embedded::start().await;
    let answer =
        post(&embedded.gateway).header("Prefer", "respond-async, wait=9").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()["preference-applied"], "respond-async, wait=9");
}

#[tokio::test]
async fn a_mission_is_json_or_a_page_or_a_sentence() {
    let embedded = Embedded::start().await;
    let mission = ask(&embedded.gateway).await;
    let url = format!("{}/missions/{}", embedded.gateway, id(&mission));
    for (accept, kind, words) in [
        ("*/*", "application/json", id(&mission).to_string()),
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8", "<!doctype html".to_owned()),
        ("text/plain", "text/plain; charset=utf-8", "should you choose to accept it".to_owned()),
    ] {
        let answer = Client::new().get(&url).header("Accept", accept).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], kind);
        assert_eq!(answer.headers()["vary"], "accept");
        let body = answer.text().await.unwrap();
        assert!(body.to_lowercase().contains(&words), "{body}");
    }
}

#[tokio::test]
async fn a_browser_is_sent_to_the_page_of_its_mission() {
    let embedded = Embedded::start().await;
    let answer = post(&embedded.gateway).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let page = Client::new().get(format!("{}{location}", embedded.gateway));
    let page = page.header("Accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_has_the_mission_already_gets_304() {
    let embedded = Embedded::start().await;
    let mission = ask(&embedded.gateway).await;
    for path in [format!("/missions/{}", id(&mission)), "/missions".to_owned()] {
        let get = || Client::new().get(format!("{}{path}", embedded.gateway));
        let tag = get().send().await.unwrap().headers()["etag"].clone();
        let again = get().header("If-None-Match", &tag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()["etag"], tag);
        assert!(again.bytes().await.unwrap().is_empty());
        let page = get().header("If-None-Match", &tag).header("Accept", "text/plain");
        assert_eq!(page.send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_filter_and_its_next_page_show_each_mission_once() {
    let embedded = Embedded::start().await;
    let client = Client::new();
    let ordered = client.post(format!("{}/missions", embedded.gateway));
    let ordered = ordered.json(&serde_json::json!({"count": 200})).send().await.unwrap();
    let ordered: Value = ordered.json().await.unwrap();
    let follow = |mission: &&Value| mission["objective"] == "Follow";
    let expected = ordered["missions"].as_array().unwrap().iter().filter(follow).count();
    let (mut shown, mut next) = (0, Some("/missions?limit=7&objective=Follow".to_owned()));
    while let Some(path) = next {
        let answer = client.get(format!("{}{path}", embedded.gateway)).send().await.unwrap();
        let links = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let links = links.unwrap_or_default();
        let link = links.split(", ").find(|link| link.ends_with("rel=\"next\""));
        next = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
        let page: Value = answer.json().await.unwrap();
        let missions = page["missions"].as_array().unwrap();
        assert!(missions.iter().all(|mission| follow(&mission)));
        shown += missions.len();
    }
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn the_list_comes_as_csv_by_header_and_by_address() {
    let embedded = Embedded::start().await;
    for _ in 0..3 {
        ask(&embedded.gateway).await;
    }
    let read = async |query: &str, accept: &str| {
        let url = format!("{}/missions?limit=2{query}", embedded.gateway);
        send(request("GET", &url).header("Accept", accept)).await
    };
    let missions = read("", "application/json").await.json();
    let columns = ["id", "dossier", "objective", "target", "casebook", "created_at"];
    let rows = missions["missions"].as_array().unwrap().iter().map(|mission| {
        columns.map(|column| mission[column].as_str().unwrap().to_owned()).join(",") + "\n"
    });
    let expected = columns.join(",") + "\n" + &rows.collect::<String>();
    for (query, accept) in
        [("", "text/csv"), ("&format=csv", "text/html"), ("&format=csv", "image/png")]
    {
        let said = read(query, accept).await;
        conforms("GET", "/missions", &said);
        assert_eq!((said.status, said.body.as_str()), (200, expected.as_str()), "{query} {accept}");
        assert_eq!(said.header("content-type"), "text/csv; charset=utf-8; header=present");
        let next = said.header("link").split('>').next().unwrap();
        assert_eq!(next.contains("format=csv"), query.contains("format=csv"), "{next}");
    }
    let refused = read("", "image/png").await;
    assert_eq!((refused.status, refused.problem().as_str()), (406, "not-acceptable"));
    assert!(refused.detail().contains("text/plain or text/csv"), "{refused:?}");
    assert_eq!(read("&format=xlsx", "text/csv").await.problem(), "malformed");
}
