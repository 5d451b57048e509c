//! The pages of the gateway, as a browser gets them.

use reqwest::redirect::Policy;
use reqwest::{Client, header};

use crate::http::{Said, get, request, send};
use crate::system::{Embedded, System, ask, eventually};

/// What Firefox accepts.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Opens an address as a browser does.
async fn open(url: &str) -> Said {
    send(request("GET", url).header(header::ACCEPT, BROWSER)).await
}

/// Presses the button, and stays where it is.
async fn press(gateway: &str) -> Said {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let form = client.post(format!("{gateway}/missions")).header(header::ACCEPT, BROWSER);
    send(form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body("")).await
}

/// It is a whole page, with the headers that restrict what a browser does with it.
fn is_page(said: &Said) {
    assert_eq!(said.header("content-type"), "text/html; charset=utf-8", "{said:?}");
    for part in ["<!doctype html>", "<html lang=\"en\">", "<main", "</html>"] {
        assert!(said.body.contains(part), "{part} is not in {said:?}");
    }
    let policy = said.header("content-security-policy");
    for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{said:?}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(said.header("x-content-type-options"), "nosniff");
    assert_eq!(said.header("referrer-policy"), "same-origin");
    for inside in ["<style", " style=", " onclick=", "<script>", "javascript:"] {
        assert!(!said.body.contains(inside), "{inside} would not pass the policy: {said:?}");
    }
}

/// What the page loads: style sheets, scripts, icons.
fn loaded(page: &str) -> Vec<&str> {
    let tags = page.split('<').filter(|tag| {
        ["link ", "script ", "img ", "iframe ", "source "].iter().any(|name| tag.starts_with(name))
    });
    tags.filter_map(|tag| {
        let address = tag.split_once("href=\"").or_else(|| tag.split_once("src=\""))?.1;
        address.split('"').next()
    })
    .collect()
}

#[tokio::test]
async fn every_page_is_whole_and_loads_nothing_from_elsewhere() {
    let system = Embedded::start().await;
    let mission = ask(&system.gateway).await;
    let own = format!("/missions/{}", mission["id"].as_str().unwrap());
    for path in ["/", "/missions", "/docs", "/problems/conflict", "/nowhere", "/operations", &own] {
        let said = open(&format!("{}{path}", system.gateway)).await;
        is_page(&said);
        let loaded = loaded(&said.body);
        assert!(loaded.len() >= 2, "{path}: {loaded:?}");
        for address in loaded {
            assert!(address.starts_with("/assets/"), "{path} loads {address}");
            let asset = get(&format!("{}{address}", system.gateway)).await;
            assert_eq!(asset.status, 200, "{path} loads {address}");
            assert!(asset.header("cache-control").contains("immutable"), "{asset:?}");
            assert!(!asset.body.contains("url(") && !asset.body.contains("@import"), "{asset:?}");
        }
    }
}

#[tokio::test]
async fn an_asset_of_another_release_is_not_cached() {
    let system = Embedded::start().await;
    let asset = get(&format!("{}/assets/style.css?of-another-release", system.gateway)).await;
    assert_eq!((asset.status, asset.header("cache-control")), (200, "no-cache"));
    assert_eq!(get(&format!("{}/assets/style", system.gateway)).await.problem(), "not-found");
}

#[tokio::test]
async fn the_page_of_a_new_mission_shows_each_hop_in_a_table_and_json_has_the_same() {
    let system = Embedded::start().await;
    let mission = ask(&system.gateway).await;
    let address = format!("{}/missions/{}", system.gateway, mission["id"].as_str().unwrap());
    let page = open(&address).await;
    is_page(&page);
    for told in ["How it came to be", "Number worker", "Letter worker", "commit", "reply"] {
        assert!(page.body.contains(told), "{told} is not in {page:?}");
    }
    let timeline = get(&format!("{address}/timeline")).await.json();
    assert_eq!((&timeline["mission"], &timeline["missions"]), (&mission["id"], &1.into()));
    let hops = timeline["hops"].as_array().unwrap();
    let roles: Vec<_> = hops.iter().map(|hop| hop["role"].as_str().unwrap()).collect();
    assert_eq!((roles[0], roles.last(), roles.len()), ("decider", Some(&"persister"), 4));
    let nobody = format!("{}/missions/{}/timeline", system.gateway, uuid::Uuid::nil());
    assert_eq!(get(&nobody).await.problem(), "not-found");
}

#[tokio::test]
async fn the_button_leads_to_the_page_of_its_mission() {
    let system = Embedded::start().await;
    let home = open(&system.gateway).await;
    assert_eq!(home.body.matches("<button").count(), 1, "{home:?}");
    assert!(home.body.contains("<form method=\"post\" action=\"/missions\">"), "{home:?}");
    let pressed = press(&system.gateway).await;
    assert_eq!(pressed.status, 303, "{pressed:?}");
    let address = format!("{}{}", system.gateway, pressed.header("location"));
    let page = open(&address).await;
    assert_eq!(page.status, 200);
    is_page(&page);
    // The same address gives JSON to other clients, with the same content.
    let mission = get(&address).await.json();
    let text = |member: &str| mission[member].as_str().unwrap().to_owned();
    let sentence = format!("{} {}.", text("objective"), text("target"));
    for told in [sentence, text("id"), "Rule of the casebook malory".to_owned()] {
        assert!(page.body.contains(&told), "{told} is not in {page:?}");
    }
    let list = open(&format!("{}/missions", system.gateway)).await;
    assert!(list.body.contains(&format!("href=\"/missions/{}\"", text("id"))), "{list:?}");
}

#[tokio::test]
async fn several_missions_of_one_request_have_a_page() {
    let system = Embedded::start().await;
    let missions = format!("{}/missions", system.gateway);
    let order = request("POST", &missions).header(header::ACCEPT, BROWSER);
    let page = send(order.json(&serde_json::json!({ "count": 3 }))).await; // follows the 303
    assert_eq!(page.status, 200, "{page:?}");
    is_page(&page);
    assert_eq!(page.body.matches("<tr id=").count(), 3, "{page:?}");
}

#[tokio::test]
async fn a_browser_waits_on_a_page_that_turns_into_the_mission() {
    let system = System::new().await;
    let _workers = system.all_but(["letter"]);
    let _gateway = system.gateway_with(&["--wait", "1"], None).await;
    let pressed = press(&system.gateway).await;
    assert_eq!(pressed.status, 303, "{pressed:?}");
    let address = format!("{}{}", system.gateway, pressed.header("location"));
    let waiting = open(&address).await;
    assert_eq!((waiting.status, waiting.header("cache-control")), (202, "no-store"));
    is_page(&waiting);
    for told in ["<meta http-equiv=\"refresh\"", "being put together", "nothing of it is lost"] {
        assert!(waiting.body.contains(told), "{told} is not in {waiting:?}");
    }
    let _letter = system.worker("letter");
    eventually("the mission's page", async || open(&address).await.status == 200).await;
    assert!(open(&address).await.body.contains("should you choose to accept it"));
}

#[tokio::test]
async fn a_wrong_address_is_a_page_for_a_browser_and_json_for_other_clients() {
    let system = Embedded::start().await;
    let nowhere = format!("{}/nowhere", system.gateway);
    let page = open(&nowhere).await;
    assert_eq!(page.status, 404);
    is_page(&page);
    assert!(page.body.contains("<a href=\"/\">"), "{page:?}");
    assert_eq!(get(&nowhere).await.problem(), "not-found");
    for path in ["/missions", "/missions?limit=1"] {
        let said = get(&format!("{}{path}", system.gateway)).await;
        assert_eq!(said.header("content-type"), "application/json");
        assert_eq!(said.header("content-security-policy"), "");
    }
}

#[tokio::test]
async fn the_filter_form_leads_to_an_address_for_every_client() {
    let system = Embedded::start().await;
    let sent = "/missions?objective=&target=Duchess&since=2026-01-02T03%3A04&until=";
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let form = client.get(format!("{}{sent}", system.gateway)).header(header::ACCEPT, BROWSER);
    let said = send(form).await;
    let meant = "/missions?target=Duchess&since=2026-01-02T03%3A04%3A00Z";
    assert_eq!((said.status, said.header("location")), (303, meant));
    let everybody = get(&format!("{}{meant}", system.gateway)).await;
    assert_eq!(everybody.status, 200, "{everybody:?}");
    // A wrong query gets a problem that names what is wrong.
    assert_eq!(get(&format!("{}{sent}", system.gateway)).await.problem(), "invalid");
}

#[tokio::test]
async fn the_documentation_names_every_address_every_channel_and_every_problem() {
    let system = Embedded::start().await;
    let page = open(&format!("{}/docs", system.gateway)).await;
    is_page(&page);
    let (openapi, asyncapi) = (schemas::openapi(), schemas::asyncapi());
    let mut names = Vec::new();
    for (path, operations) in openapi["paths"].as_object().unwrap() {
        names.push(format!("<code>{path}</code>"));
        for operation in operations.as_object().unwrap().values() {
            names.extend(operation["operationId"].as_str().map(|id| format!(" id=\"{id}\"")));
        }
    }
    for (key, channel) in asyncapi["channels"].as_object().unwrap() {
        names.push(format!(" id=\"channel-{key}\""));
        names.extend(channel["address"].as_str().map(|address| format!("<code>{address}</code>")));
    }
    for message in asyncapi["components"]["messages"].as_object().unwrap().keys() {
        names.push(format!(" id=\"message-{message}\""));
    }
    for document in [&openapi, &asyncapi] {
        for schema in document["components"]["schemas"].as_object().unwrap().keys() {
            names.push(format!(" id=\"schema-{schema}\""));
        }
    }
    names.extend(schemas::ProblemKind::ALL.map(|kind| format!("/problems/{}\"", kind.word())));
    names.extend(["/openapi.json", "/asyncapi.json"].map(|path| format!("href=\"{path}\"")));
    assert!(names.len() > 60, "{names:?}");
    for name in names {
        assert!(page.body.contains(&name), "{name} is not in the documentation");
    }
}

#[tokio::test]
async fn the_documents_are_served_as_they_are_and_need_not_be_sent_twice() {
    let system = Embedded::start().await;
    for (path, own, document) in [
        ("/openapi.json", "application/vnd.oai.openapi+json", schemas::openapi()),
        ("/asyncapi.json", "application/vnd.aai.asyncapi+json", schemas::asyncapi()),
    ] {
        let url = format!("{}{path}", system.gateway);
        let said = get(&url).await;
        assert_eq!(said.json(), document, "{path}");
        assert_eq!(said.header("content-type"), "application/json");
        let by_name = send(request("GET", &url).header(header::ACCEPT, own)).await;
        assert_eq!((by_name.status, by_name.header("content-type")), (200, own));
    }
    for path in ["/openapi.json", "/asyncapi.json", "/docs"] {
        let url = format!("{}{path}", system.gateway);
        let said = get(&url).await;
        assert_eq!(said.header("cache-control"), "no-cache", "{said:?}");
        let again = request("GET", &url).header(header::IF_NONE_MATCH, said.header("etag"));
        let again = send(again).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
}
