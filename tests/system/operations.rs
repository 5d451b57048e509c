//! What operators see: who is there, who is gone, and what to do next.

use futures_util::StreamExt;
use lapin::BasicProperties;
use serde_json::Value;

use crate::amqp_callers;
use crate::caller::Caller;
use crate::http::{Said, get, request, send};
use crate::judge::conforms;
use crate::process::Process;
use crate::stream::Stream;
use crate::system::{DEADLINE, Embedded, System, ask, eventually};

/// How the system does, as this gateway sees it.
async fn operations(gateway: &str) -> Value {
    get(&format!("{gateway}/operations")).await.json()
}

/// The states of the processes of this role.
fn states<'a>(operations: &'a Value, role: &str) -> Vec<&'a str> {
    let roles = operations["roles"].as_array().unwrap().iter();
    let mut replicas = roles.filter(|state| state["role"] == role);
    let replicas = replicas.next().unwrap()["replicas"].as_array().unwrap().iter();
    replicas.map(|replica| replica["state"].as_str().unwrap()).collect()
}

async fn shows(gateway: &str, role: &str, expected: &[&str]) {
    eventually(&format!("{role} to be {expected:?}"), async || {
        states(&operations(gateway).await, role) == expected
    })
    .await;
}

async fn says(gateway: &str, words: &str) {
    eventually(&format!("the verdict {words:?}"), async || {
        let verdict = operations(gateway).await["verdict"]["text"].clone();
        verdict.as_str().unwrap().starts_with(words)
    })
    .await;
}

const ROLES: [&str; 5] = ["gateway", "decider", "number", "letter", "persister"];

#[tokio::test]
async fn everything_in_one_process_is_seen_and_well() {
    let embedded = Embedded::start().await;
    says(&embedded.gateway, "All well.").await;
    ask(&embedded.gateway).await;
    for role in ROLES {
        shows(&embedded.gateway, role, &["up"]).await;
    }
    let operations = operations(&embedded.gateway).await;
    for queue in operations["queues"].as_array().unwrap() {
        assert_eq!(queue["messages"], 0, "{queue}");
    }
    let page = get_page(&embedded.gateway).await;
    assert!(page.body.contains("All well."), "{page:?}");
}

#[tokio::test]
async fn dead_letters_are_shown_in_groups_until_somebody_decides() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut gateway = system.gateway().await;
    let caller = Caller::connect(&system).await;
    for body in ["<b>a mission, please", "<b>another one, please"] {
        amqp_callers::publish(&caller, body.as_bytes(), BasicProperties::default()).await;
    }
    says(&system.gateway, "2 dead letters wait for a decision.").await;
    let said = get(&format!("{}/operations", system.gateway)).await;
    conforms("GET", "/operations", &said);
    let state = said.json();
    let [group] = &state["dead_letters"].as_array().unwrap()[..] else { panic!("{state}") };
    assert_eq!((&group["open"], &group["role"]), (&2.into(), &"decider".into()), "{group}");
    let reason = group["reason"].as_str().unwrap();
    assert!(reason.starts_with("malformed"), "{reason}");
    let page = get_page(&system.gateway).await.body;
    assert!(page.contains("the body is not JSON") && !page.contains("<b>"), "{page}");
    let discard = ["dead-letters", "discard", "--all", "--database", &system.mysql];
    let mut discard = Process::start(&discard, None);
    assert!(discard.ended().await.success(), "{}", discard.log());
    says(&system.gateway, "All well.").await;
    assert!(gateway.runs());
}

pub async fn get_page(gateway: &str) -> Said {
    let page = request("GET", &format!("{gateway}/operations")).header("accept", "text/html");
    send(page).await
}

#[tokio::test]
async fn whoever_leaves_says_so_and_whoever_is_killed_is_gone_and_missed() {
    let system = System::new().await;
    let gateway = system.gateway().await;
    let mut workers: Vec<_> = ROLES[1..].iter().map(|role| system.worker(role)).collect();
    for role in ROLES {
        shows(&system.gateway, role, &["up"]).await;
    }
    says(&system.gateway, "All well.").await;
    assert!(workers[2].stop().await.success());
    shows(&system.gateway, "letter", &["left"]).await;
    says(&system.gateway, "No letter worker for ").await;
    workers[3].kill();
    shows(&system.gateway, "persister", &["gone"]).await;
    let state = operations(&system.gateway).await;
    let next = "spymission check --database …";
    let told = [&state["verdict"]].into_iter().chain(state["notes"].as_array().unwrap());
    let told = told.filter(|finding| finding["text"].as_str().unwrap().starts_with("No persister"));
    assert_eq!(told.map(|finding| &finding["next"]).collect::<Vec<_>>(), [next]);
    let ready = get(&format!("{}/readyz", system.gateway)).await;
    assert_eq!(ready.status, 200, "a gateway keeps requests for those who are away");
    assert_eq!(ready.json()["why"], "waiting for: letter, persister");
    let incident = async |text: &str, ended: bool| {
        eventually(&format!("the incident {text:?}, ended: {ended}"), async || {
            let incidents = operations(&system.gateway).await["incidents"].clone();
            let mut incidents = incidents.as_array().unwrap().iter();
            incidents.any(|told| told["text"] == text && told["until"].is_string() == ended)
        })
        .await;
    };
    incident("no persister", false).await;
    let _back = [system.worker("letter"), system.worker("persister")];
    says(&system.gateway, "All well.").await;
    for text in ["no letter worker", "no persister"] {
        incident(text, true).await;
    }
    drop(gateway);
}

#[tokio::test]
async fn lost_connections_come_back_and_nobody_is_taken_for_gone() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let _workers = system.all_workers();
    shows(&system.gateway, "persister", &["up"]).await;
    let vhost = system.vhost.as_ref().unwrap();
    let old = vhost.connections();
    old.iter().for_each(|connection| vhost.close_connection(connection));
    eventually("every connection to be closed", async || {
        !vhost.connections().iter().any(|connection| old.contains(connection))
    })
    .await;
    says(&system.gateway, "All well.").await;
    for role in ROLES {
        shows(&system.gateway, role, &["up"]).await;
    }
    let incidents = operations(&system.gateway).await["incidents"].clone();
    for incident in incidents.as_array().unwrap() {
        let text = incident["text"].as_str().unwrap();
        assert!(!text.starts_with("no ") && !text.contains(" gone"), "{incidents}");
    }
}

#[tokio::test]
async fn a_thousand_who_watch_are_bounded_and_refused_with_a_reason_and_the_others_stay_served() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "correct horse battery staple").unwrap();
    let token = file.path().to_str().unwrap();
    // Whoever comes through a trusted proxy may take every place.
    let flags = ["--operator-token-file", token, "--trust-proxy", "127.0.0.1"];
    let embedded = Embedded::start_with(&flags).await;
    let url = format!("{}/operations/events", embedded.gateway);
    let client = reqwest::Client::new();
    let watch = || client.get(&url).bearer_auth("correct horse battery staple");
    let mut watching = Vec::new();
    for _ in 0..256 {
        watching.push(Stream::from(watch()).await);
    }
    let refused = send(watch()).await;
    conforms("GET", "/operations/events", &refused);
    let more = (1..1_000 - 256).map(|_| send(watch()));
    let more = futures_util::stream::iter(more).buffer_unordered(64).collect::<Vec<_>>().await;
    for refused in more.iter().chain([&refused]) {
        assert_eq!((refused.status, refused.problem().as_str()), (503, "unavailable"));
        assert!(refused.detail().contains("too many listen"), "{refused:?}");
    }
    for watching in &mut watching {
        for _ in 0..2 {
            let block = tokio::time::timeout(DEADLINE, watching.block()).await.unwrap();
            assert!(block.unwrap().contains("event: operations\ndata: "));
        }
    }
    drop(watching);
    eventually("a place to be free again", async || watch().send().await.unwrap().status() == 200)
        .await;
}

#[tokio::test]
async fn one_client_that_watches_leaves_places_for_others() {
    let embedded = Embedded::start().await;
    let url = format!("{}/operations/events", embedded.gateway);
    let (client, mut watching) = (reqwest::Client::new(), Vec::new());
    for _ in 0..128 {
        watching.push(Stream::from(client.get(&url)).await);
    }
    assert_eq!(get(&url).await.status, 503);
}

#[tokio::test]
async fn top_prints_once_where_there_is_no_terminal() {
    let embedded = Embedded::start().await;
    says(&embedded.gateway, "All well.").await;
    let mut top = Process::start(&["top", "--url", &embedded.gateway], None);
    assert!(top.ended().await.success());
    let shown = top.log();
    assert!(shown.starts_with("All well.\n"), "{shown}");
    assert!(shown.contains("decider") && shown.contains("mission.requests"), "{shown}");
    let mut nobody = Process::start(&["top", "--url", "http://127.0.0.1:1"], None);
    assert!(!nobody.ended().await.success());
    assert!(nobody.log().contains("no connection"), "{}", nobody.log());
}
