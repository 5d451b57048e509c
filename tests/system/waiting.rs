//! What a caller gets when its mission is late, or when servers are away.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::servers::Port;
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::another::Another;
use crate::http::{Said, get, post, say};
use crate::judge::conforms;
use crate::process::Process;
use crate::rules::assert_follows_the_rules;
use crate::system::{System, ask, begins, eventually, id, workers_but};

#[tokio::test]
async fn an_accepted_mission_is_found_at_its_address_once_workers_start() {
    let system = System::new().await;
    let _gateway = system.gateway_with(&["--wait", "1"], None).await;
    let mut addresses = Vec::new();
    for (body, separator) in [(None, '?'), (Some(json!({"count": 2})), '&')] {
        let answer = post(&system.gateway, body).await;
        let location = accepted(&answer);
        let address = format!("{}{location}", system.gateway);
        let again = get(&address).await;
        assert_eq!(accepted(&again), location, "at any time");
        conforms("GET", if separator == '?' { "/missions/{id}" } else { "/missions" }, &again);
        let (plain, _) = location.split_once(&format!("{separator}accepted=")).unwrap();
        let unasked = get(&format!("{}{plain}", system.gateway)).await;
        assert_eq!((unasked.status, unasked.problem().as_str()), (404, "not-found"));
        assert!(unasked.detail().contains("not yet stored"), "{unasked:?}");
        addresses.push(address);
    }
    let _workers = system.all_workers();
    for address in addresses {
        eventually("the missions to stand", async || get(&address).await.status == 200).await;
        let told = get(&address).await.json();
        let missions = told["missions"].as_array().cloned().unwrap_or(vec![told]);
        for mission in missions {
            assert_follows_the_rules(&mission);
            system.stands(&mission).await;
        }
    }
    system.await_rows(3).await;
}

/// Checks a 202 and returns its location.
fn accepted(said: &Said) -> String {
    assert_eq!((said.status, said.header("retry-after")), (202, "1"), "{said:?}");
    let location = said.header("location").to_owned();
    assert_eq!(said.json(), json!({"status": "accepted", "location": location}));
    location
}

#[tokio::test]
async fn an_invented_id_is_never_called_accepted() {
    let system = System::new().await;
    let _gateway = system.gateway_with(&["--wait", "1"], None).await;
    let location = accepted(&post(&system.gateway, None).await);
    let (at, signature) = location.split_once("accepted=").unwrap().1.split_once('-').unwrap();
    let invented = Uuid::from_u128(Uuid::new_v4().as_u128() & !0xff);
    for path in [
        format!("/missions/{invented}?accepted={at}-{signature}"),
        format!("/missions?request={invented}&count=3&accepted={at}-{signature}"),
        location.replace(at, &(at.parse::<u64>().unwrap() + 1).to_string()),
    ] {
        let said = get(&format!("{}{path}", system.gateway)).await;
        assert_eq!((said.status, said.problem().as_str()), (404, "not-found"), "{path}");
        assert!(said.detail().contains("no gateway"), "{said:?}");
    }
    // Another gateway of the same system answers for the first.
    let second = Another::start(&system, &[]).await;
    assert_eq!(accepted(&get(&format!("{}{location}", second.gateway)).await), location);
}

#[tokio::test]
async fn silent_workers_are_shown_and_a_caller_that_disconnects_is_forgotten() {
    let system = System::new().await;
    let _gateway = system.gateway_with(&["--wait", "60"], None).await;
    let shown = async |status: &str, workers: &str| {
        eventually(status, async || {
            let said = get(&format!("{}/readyz", system.gateway)).await;
            let shown = said.json();
            said.status == 200 && shown["status"] == status && shown["workers"] == workers
        })
        .await;
    };
    shown("ready", "answering").await;
    let caller = say(&system.gateway, "POST /missions HTTP/1.1\r\nhost: x\r\n\r\n").await;
    shown("degraded", "silent").await;
    drop(caller);
    shown("ready", "answering").await;
    let _workers = system.all_workers();
    system.await_rows(1).await;
    system.all_settled().await;
}

#[tokio::test]
async fn a_gateway_whose_database_is_away_still_takes_requests() {
    let system = System::new().await;
    let (port, nowhere) = (Port::free().unwrap(), Port::free().unwrap());
    let database = format!("mysql://root@127.0.0.1:{}/spymission", nowhere.number());
    let (gateway, _agent) = gateway_on(&port, &system.amqp, &database);
    let ready = || get_readyz(&gateway);
    eventually("the gateway to be degraded", async || {
        ready().await.is_some_and(|said| said.status == 200 && said.json()["status"] == "degraded")
    })
    .await;
    let shown = ready().await.unwrap().json();
    assert_eq!((&shown["broker"], &shown["workers"]), (&json!("up"), &json!("answering")));
    assert_ne!(shown["database"], "up");
    let _workers = system.all_workers();
    let told = ask(&gateway).await;
    system.stands(&told).await;
    let unread = get(&format!("{gateway}/missions/{}", id(&told))).await;
    assert_eq!((unread.status, unread.problem().as_str()), (503, "unavailable"));
    assert_eq!(unread.header("retry-after"), "1");
}

#[tokio::test]
async fn without_a_broker_a_caller_is_refused_at_once_and_its_request_is_never_published() {
    let system = System::new().await;
    let (port, door) = (Port::free().unwrap(), Port::free().unwrap());
    let (server, vhost) = system.amqp.rsplit_once('/').unwrap();
    let server = server.rsplit_once('@').unwrap().1;
    let behind = format!("amqp://guest:guest@127.0.0.1:{}/{vhost}", door.number());
    let (gateway, _agent) = gateway_on(&port, &behind, &system.mysql);
    eventually("the gateway to live", async || get_readyz(&gateway).await.is_some()).await;
    let refused = async || {
        let answer = post(&gateway, Some(json!({"count": 3}))).await;
        assert_eq!((answer.status, answer.problem().as_str()), (503, "unavailable"));
        assert_eq!(answer.header("retry-after"), "1");
        assert!(answer.detail().contains("nothing was published"), "{answer:?}");
        answer.detail()
    };
    eventually("a refusal", async || refused().await.contains("RabbitMQ is away")).await;
    let began = Instant::now();
    for _ in 0..10 {
        refused().await;
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let unready = get_readyz(&gateway).await.unwrap();
    assert_eq!((unready.status, &unready.json()["status"]), (503, &json!("not ready")));
    assert!(unready.json()["broker"].as_str().unwrap().starts_with("connect: "), "{unready:?}");
    assert_eq!(get(&format!("{gateway}/livez")).await.status, 200);

    let opened = tokio::spawn(open_door(door.number(), server.to_owned()));
    let workers = system.all_workers();
    for (role, worker) in workers_but([]).into_iter().zip(&workers) {
        worker.says(begins(role)).await; // the gateway waits for one second only
    }
    eventually("the gateway to be ready", async || {
        get_readyz(&gateway).await.is_some_and(|said| said.status == 200)
    })
    .await;
    system.stands(&ask(&gateway).await).await;
    system.all_settled().await;
    assert_eq!(system.rows().await, 1, "only the one that was not refused");
    opened.abort();
}

/// A gateway that waits for one second, with servers that may be away.
fn gateway_on(port: &Port, broker: &str, database: &str) -> (String, Process) {
    let listen = format!("127.0.0.1:{}", port.number());
    let servers = ["gateway", "--broker", broker, "--database", database];
    let settings = ["--listen", &listen, "--wait", "1", "--drain", "0"];
    (format!("http://{listen}"), Process::start(&[&servers[..], &settings].concat(), None))
}

/// What it says about its readiness, if it runs.
async fn get_readyz(gateway: &str) -> Option<Said> {
    let address = gateway.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.ok()?;
    Some(get(&format!("{gateway}/readyz")).await)
}

/// Forwards every connection to this server.
async fn open_door(port: u16, server: String) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let mut inside = listener.accept().await.unwrap().0;
        let mut outside = TcpStream::connect(&server).await.unwrap();
        tokio::spawn(async move {
            let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await; // until closed
        });
    }
}
