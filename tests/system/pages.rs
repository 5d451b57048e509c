//! The pages of the gateway, as a browser gets them.

mod documentation;
mod first;

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
    for path in [
        "/",
        "/missions",
        "/casebook",
        "/docs",
        "/docs/http",
        "/docs/amqp",
        "/docs/problems",
        "/docs/how",
        "/docs/operate",
        "/docs/make-it-yours",
        "/docs/schemas",
        "/problems/conflict",
        "/nowhere",
        "/operations",
        &own,
    ] {
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
    assert!(
        home.body.contains("<form class=\"ask\" method=\"post\" action=\"/missions\">"),
        "{home:?}"
    );
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
async fn a_form_that_is_sent_twice_makes_one_mission_and_with_another_count_others() {
    let system = Embedded::start().await;
    let home = open(&system.gateway).await.body;
    let key = home.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let sent = async |count: &str| {
        let form = client.post(format!("{}/missions", system.gateway));
        let form = form.header(header::ACCEPT, BROWSER);
        let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let said = send(form.body(format!("key={key}&count={count}"))).await;
        assert_eq!(said.status, 303, "{said:?}");
        said.header("location").to_owned()
    };
    assert_eq!(sent("1").await, sent("1").await);
    let three = sent("3").await;
    assert!(three.ends_with("&count=3"), "{three}");
    let all = get(&format!("{}/missions", system.gateway)).await.json();
    assert_eq!(all["missions"].as_array().unwrap().len(), 4, "{all}");
    assert!(!open(&system.gateway).await.body.contains(key), "the next page has another key");
}

#[tokio::test]
async fn the_first_page_and_what_it_loads_are_light_and_say_what_they_run_on() {
    let system = Embedded::start().await;
    let home = open(&system.gateway).await.body;
    let mut bytes = home.len();
    for address in loaded(&home) {
        bytes += get(&format!("{}{address}", system.gateway)).await.body.len();
    }
    assert!(bytes < 50_000, "{bytes} bytes");
    for role in schemas::Role::ALL {
        assert!(home.contains(&format!("data-box=\"{}\"", role.name())), "{home}");
    }
    let footer = home.split("<footer").nth(1).unwrap();
    for told in [env!("CARGO_PKG_VERSION"), "MIT OR Apache-2.0", "SQLite", "/readyz"] {
        assert!(footer.contains(told), "{told} is not in {footer}");
    }
    assert!(!footer.contains("sqlite:") && !footer.contains("://"), "{footer}");
}

#[tokio::test]
async fn the_casebook_decides_a_dossier_and_a_mission_leads_to_its_rules() {
    let system = Embedded::start().await;
    let casebook = format!("{}/casebook", system.gateway);
    let page = open(&format!("{casebook}?dossier=19+z++4+a+7+k+0+b+12+q+3+m")).await;
    is_page(&page);
    assert!(page.body.contains("Steal the DB_URI from the flask developer."), "{page:?}");
    assert_eq!(page.body.matches("class=\"chosen\"").count(), 2, "{page:?}");
    let said = get(&format!("{casebook}?dossier=10+k+4+a+7+k+0+b+12+q+3+m")).await;
    assert!(said.body.ends_with("Collect information about the head of Odin\n"), "{said:?}");
    assert_eq!(get(&casebook).await.body, schemas::Casebook::MALORY);
    let wrong = open(&format!("{casebook}?dossier=20+z")).await;
    is_page(&wrong);
    assert!(wrong.status == 422 && wrong.body.contains("role=\"alert\""), "{wrong:?}");
    // Each line that a mission names is there.
    let mission = ask(&system.gateway).await;
    let own = format!("{}/missions/{}", system.gateway, mission["id"].as_str().unwrap());
    let links = open(&own).await.body;
    let links: Vec<_> = links.split("href=\"/casebook?").skip(1).collect();
    assert_eq!(links.len(), 2);
    for link in links {
        let (query, line) = link.split('"').next().unwrap().split_once('#').unwrap();
        let page = open(&format!("{casebook}?{query}")).await;
        let chosen = format!("<tr id=\"{line}\" class=\"chosen\">");
        assert!(page.body.contains(&chosen), "{chosen} is not in {page:?}");
    }
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
    for told in [
        "<noscript><meta http-equiv=\"refresh\"",
        "being put together",
        "How far it came",
        "Publish",
    ] {
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
    for told in [
        "href=\"/\">To the home page",
        "<code>/missions</code>",
        "Safe to repeat",
        "request <code>",
    ] {
        assert!(page.body.contains(told), "{told} is not in {page:?}");
    }
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
