//! Who gets drills, and what the page shows of them.

use serde_json::Value;

use super::{drill, embedded, load, operations};
use crate::http::{request, send};
use crate::judge::conforms;
use crate::process::Process;
use crate::system::{Embedded, System, eventually};

#[tokio::test]
async fn without_the_flag_there_are_no_drills() {
    let embedded = Embedded::start().await;
    let gateway = &embedded.gateway;
    let refused = send(request("POST", &format!("{gateway}/operations/drills/lose-part"))).await;
    assert_eq!((refused.status, refused.problem().as_str()), (404, "not-found"));
    assert!(refused.detail().contains("spymission up --drills"), "{refused:?}");
    conforms("POST", "/operations/drills/{drill}", &refused);
    assert!(operations(gateway).await["drills"].is_null());
    let page = request("GET", &format!("{gateway}/operations")).header("accept", "text/html");
    assert!(!send(page).await.body.contains("drill"));
}

#[tokio::test]
async fn drills_are_refused_to_other_sites_and_by_wrong_names() {
    let embedded = embedded().await;
    let post =
        |name: &str| request("POST", &format!("{}/operations/drills/{name}", embedded.gateway));
    let foreign = send(post("pause-persister").header("origin", "https://evil.example")).await;
    assert_eq!((foreign.status, foreign.problem().as_str()), (403, "cross-site"));
    conforms("POST", "/operations/drills/{drill}", &foreign);
    let unknown = send(post("unplug")).await;
    assert_eq!((unknown.status, unknown.problem().as_str()), (404, "not-found"));
    assert!(unknown.detail().contains("pause-persister, lose-part"), "{unknown:?}");
    let lasting = operations(&embedded.gateway).await["drills"]["lasting"].clone();
    assert_eq!(lasting, Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_server_is_never_drilled() {
    let system = System::new().await;
    let settings = ["up", "--drills", "--broker", &system.amqp, "--database", &system.mysql];
    let mut process = Process::start(&settings, None);
    assert_eq!(process.ended().await.code(), Some(2));
    let log = process.log();
    assert!(log.contains("--drills: drills disturb only the broker in this process"), "{log}");
}

#[tokio::test]
async fn a_browser_without_scripts_sees_the_drills_and_what_was_counted() {
    let embedded = embedded().await;
    let gateway = &embedded.gateway;
    drill(gateway, "repeat-request").await;
    load(gateway, 3).await;
    let page = || request("GET", &format!("{gateway}/operations")).header("accept", "text/html");
    eventually("the page to say what was counted", async || {
        send(page()).await.body.contains("3 rows counted: lost 0, doubled 0.")
    })
    .await;
    let page = send(page()).await.body;
    for form in ["pause-persister", "lose-part", "repeat-request", "kill-worker", "end"] {
        assert!(page.contains(&format!("action=\"/operations/drills/{form}\"")), "{page}");
    }
    drill(gateway, "end").await;
}
