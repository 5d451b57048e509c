//! What is known of a mission that failed.

use serde_json::Value;

use crate::another::Another;
use crate::http::{get, request, send};
use crate::system::{System, eventually};

/// The database refuses every mission.
const FAULT: &str = "CREATE TRIGGER fault BEFORE INSERT ON missions FOR EACH ROW \
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'it is out of order'";

#[tokio::test]
async fn the_timeline_of_a_mission_that_failed_says_why_and_who_had_worked_on_it() {
    let system = System::new().await;
    sqlx::raw_sql(FAULT).execute(&system.pool).await.unwrap();
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let post = reqwest::Client::new().post(format!("{}/missions", system.gateway));
    let problem: Value = post.send().await.unwrap().json().await.unwrap();
    assert_eq!(problem["type"], "/problems/set-aside", "{problem}");
    let id = problem["missions"][0].as_str().unwrap();
    let timeline = get(&format!("{}/missions/{id}/timeline", system.gateway)).await.json();
    let reason = timeline["reason"].as_str().unwrap();
    assert!(reason.starts_with("set-aside: the database refused a row"), "{timeline}");
    assert!(timeline["replied"].is_string(), "{timeline}");
    let hops = timeline["hops"].as_array().unwrap();
    let roles: Vec<_> = hops.iter().map(|hop| hop["role"].as_str().unwrap()).collect();
    assert_eq!((roles[0], roles.last(), roles.len()), ("decider", Some(&"persister"), 4));

    let address = format!("{}/missions/{id}", system.gateway);
    let page = send(request("GET", &address).header("accept", "text/html")).await;
    assert_eq!((page.status, page.header("cache-control")), (404, "no-store"), "{page:?}");
    for told in ["This mission is not stored.", "the database refused a row", "<svg"] {
        assert!(page.body.contains(told), "{told} is not in {page:?}");
    }
    let steps = ["Wait", "Publish", "Decider", "Number worker", "Letter worker", "Persister"];
    for told in steps.map(|step| format!("<th scope=\"row\">{step}")) {
        assert!(page.body.contains(&told), "{told} is not in {page:?}");
    }
    for mark in ["refused", "error reply"] {
        assert!(page.body.contains(&format!("<span class=\"marked\">{mark}</span>")), "{page:?}");
    }
    assert!(!page.body.contains(">commit<"), "{page:?}");
    assert_eq!(get(&address).await.problem(), "not-found", "a tool is told as before");
}

/// Another gateway than the one that published the request remembers nothing of it.
#[tokio::test]
async fn a_page_that_waits_at_any_gateway_says_that_the_request_was_set_aside_and_why() {
    let system = System::new().await;
    let gateway = system.gateway().await;
    let other = Another::start(&system, &[]).await;
    let mut waiting = Vec::new();
    for body in ["{}", "{\"count\":2}"] {
        let post = reqwest::Client::new().post(format!("{}/missions", system.gateway));
        let post =
            post.header("prefer", "respond-async").header("content-type", "application/json");
        let accepted = post.body(body).send().await.unwrap();
        assert_eq!(accepted.status(), 202);
        let location = accepted.headers()["location"].to_str().unwrap();
        waiting.push(format!("{}{location}", other.gateway));
    }
    let page = async |url: &str| send(request("GET", url).header("accept", "text/html")).await;
    for url in &waiting {
        assert_eq!(page(url).await.status, 202);
    }
    drop(gateway);
    sqlx::raw_sql(FAULT).execute(&system.pool).await.unwrap();
    let _workers = system.all_workers();
    for url in &waiting {
        eventually("the page to say so", async || page(url).await.status == 404).await;
        let said = page(url).await;
        assert_eq!(said.header("cache-control"), "no-store", "{said:?}");
        for told in ["Its request failed:", "the database refused a row", "can replay it"] {
            assert!(said.body.contains(told), "{told} is not in {said:?}");
        }
        assert_eq!(get(url).await.status, 202, "a tool is told as before");
    }
    sqlx::raw_sql("DROP TRIGGER fault").execute(&system.pool).await.unwrap();
}
