//! Server-sent events: a listener receives every mission, also those that other gateways were asked for.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use lapin::BasicProperties;
use serde_json::json;
use sqlx::MySqlPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use uuid::Uuid;

use crate::another::Another;
use crate::caller::Caller;
use crate::http::{get, request, send};
use crate::outages::on_own_broker;
use crate::stream::{Stream, listen};
use crate::system::{DEADLINE, Embedded, System, ask, eventually, id};

/// Inserts this many rows directly, with a time this long ago, and returns their ids.
async fn insert(pool: &MySqlPool, rows: u32, seconds_ago: u32) -> HashSet<Uuid> {
    let mark: String = Uuid::new_v4().simple().to_string();
    let sql = format!(
        "INSERT INTO missions
         SELECT UNHEX(REPLACE(UUID(), '-', '')), '19 z 4 a 7 k 0 b 12 q 3 m', 'Follow', 'Duchess',
         '{mark}', UTC_TIMESTAMP(6) - INTERVAL {seconds_ago} SECOND + INTERVAL seq MICROSECOND
         FROM seq_1_to_{rows}"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
    let ids = sqlx::query_scalar("SELECT id FROM missions WHERE casebook = ?").bind(mark);
    let ids: Vec<Uuid> = ids.fetch_all(pool).await.unwrap();
    assert_eq!(ids.len(), rows as usize);
    ids.into_iter().collect()
}

#[tokio::test]
async fn a_mission_that_one_gateway_is_asked_for_is_on_the_stream_of_another() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    ask(&system.gateway).await; // stored before anybody listened
    let other = Another::start(&system, &[]).await;
    let mut streams = [Stream::open(&other.gateway).await, Stream::open(&system.gateway).await];
    for stream in &mut streams {
        assert!(stream.block().await.unwrap().starts_with("retry: 1000\nid: "));
    }
    for _ in 0..3 {
        let mission = ask(&system.gateway).await;
        for stream in &mut streams {
            assert_eq!(stream.mission().await.as_ref(), Some(&mission), "and once only");
        }
    }
    assert_eq!(streams[0].last, streams[1].last, "an id means the same at every gateway");
}

#[tokio::test]
async fn a_row_that_is_committed_later_than_its_time_is_streamed_too() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let mut stream = Stream::open(&system.gateway).await;
    let lead = insert(&system.pool, 1, 0).await;
    assert_eq!(stream.until(&lead).await, lead, "without an event the table is read");
    let late = insert(&system.pool, 3, 5).await;
    assert_eq!(stream.until(&late).await, late, "each once, and the lead not again");
    let ahead = insert(&system.pool, 1, 0).await;
    assert_eq!(stream.until(&ahead).await, ahead);
}

#[tokio::test]
async fn a_row_that_is_committed_much_later_than_its_time_is_streamed_because_of_its_event() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let caller = Caller::connect(&system).await;
    let mut stream = Stream::open(&system.gateway).await;
    let lead = insert(&system.pool, 1, 0).await;
    stream.until(&lead).await;
    let late = insert(&system.pool, 1, 600).await;
    let event = |id: Uuid, created_at: &str| json!({ "missions": [{ "id": id, "created_at": created_at }] });
    let late_id = *late.iter().next().unwrap();
    eventually("the listener's queue", async || {
        let nowhere = event(Uuid::new_v4(), "2026-11-22T00:00:00Z").to_string();
        tell(&caller, nowhere.as_bytes()).await // no such row
    })
    .await;
    assert!(tell(&caller, b"rubbish").await);
    assert!(tell(&caller, event(late_id, "2020-11-22T00:00:00Z").to_string().as_bytes()).await);
    assert_eq!(stream.until(&late).await, late);
}

/// Publishes an event; returns whether a queue takes it.
async fn tell(caller: &Caller, body: &[u8]) -> bool {
    let properties = BasicProperties::default().with_type("missions.created".into());
    let sending = caller.send("mission.events", "created.malory", properties, body).await;
    matches!(sending.await.unwrap(), lapin::Confirmation::Ack(None))
}

#[tokio::test]
async fn a_listener_of_a_killed_gateway_resumes_at_another_and_misses_nothing() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut gateway = system.gateway().await;
    let other = Another::start(&system, &[]).await;
    let mut stream = Stream::open(&system.gateway).await;
    let caller = Caller::connect(&system).await;
    let asking = tokio::spawn(async move {
        for _ in 0..150 {
            let missions: Vec<_> = (0..20).map(|_| Uuid::new_v4()).collect();
            caller.request(&missions).await;
        }
        caller
    });
    let mut told = HashSet::new();
    while told.len() < 500 {
        told.insert(id(&stream.mission().await.unwrap()));
    }
    gateway.kill();
    while let Some(mission) = stream.mission().await {
        told.insert(id(&mission)); // what was still on its way
    }
    assert!(told.len() < 3_000, "all was told before the gateway was killed");
    let late = insert(&system.pool, 5, 4).await; // older than the last event
    let _caller = asking.await.unwrap();
    system.await_rows(3_005).await;
    let all: HashSet<Uuid> = system.missions().await.into_keys().collect();
    let missing: HashSet<Uuid> = all.difference(&told).copied().collect();
    assert!(missing.is_superset(&late));
    let mut resumed = Stream::resume(&other.gateway, &stream.last).await;
    told.extend(resumed.until(&missing).await);
    assert_eq!(told, all);
}

#[tokio::test]
async fn a_stream_goes_on_while_the_broker_is_away() {
    let (rabbit, _database, system) = on_own_broker().await;
    let gateway = system.gateway().await;
    let mut stream = Stream::open(&system.gateway).await;
    rabbit.kill();
    gateway.says("waiting for the broker").await;
    let row = insert(&system.pool, 1, 0).await;
    assert_eq!(stream.until(&row).await, row);
    let mut later = Stream::open(&system.gateway).await; // others may begin to listen
    let row = insert(&system.pool, 1, 0).await;
    assert_eq!(later.until(&row).await, row);
    assert_eq!(stream.until(&row).await, row);
}

/// Connects, requests the stream, and reads the head of the response.
async fn silent_listener(gateway: &str) -> (TcpStream, String) {
    let address = gateway.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /missions/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(DEADLINE, stream.read_u8()).await.expect("a head").unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

/// Reads until this many missions were received; faster than a stream that parses each of them.
async fn ids_read(stream: &mut TcpStream, wanted: usize) -> HashSet<Uuid> {
    let reading = timeout(3 * DEADLINE, read_ids(stream, wanted)).await;
    reading.expect("all missions in time")
}

async fn read_ids(stream: &mut TcpStream, wanted: usize) -> HashSet<Uuid> {
    let (mut told, mut text, mut chunk) = (HashSet::new(), String::new(), vec![0; 1 << 16]);
    while told.len() < wanted {
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "it ended with {} missions", told.len());
        text.push_str(&String::from_utf8_lossy(&chunk[..read]));
        for (at, mark) in text.match_indices("{\"id\":\"") {
            let id = text.get(at + mark.len()..at + mark.len() + 36);
            told.extend(id.and_then(|id| id.parse::<Uuid>().ok()));
        }
        text = text.split_off(text.rfind('\n').map_or(0, |end| end + 1));
    }
    told
}

#[tokio::test]
async fn a_listener_that_does_not_read_affects_no_other_and_misses_nothing_when_it_reads_again() {
    let system = System::new().await;
    let gateway = system.gateway().await;
    let (mut slow, _) = silent_listener(&system.gateway).await;
    let (mut quick, _) = silent_listener(&system.gateway).await;
    // Far more than the kernel and the feed buffer for a listener that does not read.
    let rows = insert(&system.pool, 100_000, 0).await;
    assert_eq!(ids_read(&mut quick, rows.len()).await, rows);
    assert_eq!(get(&format!("{}/livez", system.gateway)).await.status, 200);
    assert_eq!(ids_read(&mut slow, rows.len()).await, rows);
    let peak = gateway.peak_memory() >> 20;
    assert!(peak < 250, "{peak} MiB");
}

#[tokio::test]
async fn more_than_256_listeners_are_refused_until_one_has_gone() {
    let system = System::new().await;
    let _gateway = system.gateway_with(&["--trust-proxy", "127.0.0.0/8"], None).await;
    let mut listeners = Vec::new();
    for _ in 0..256 {
        let (stream, head) = silent_listener(&system.gateway).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        listeners.push(stream);
    }
    let refused = timeout(DEADLINE, send(listen(&system.gateway))).await.expect("a refusal");
    assert_eq!((refused.status, refused.problem().as_str()), (503, "unavailable"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(
        send(request("HEAD", &format!("{}/missions/events", system.gateway))).await.status,
        200
    );
    listeners.pop();
    eventually("a free seat", async || {
        listen(&system.gateway).send().await.unwrap().status() == 200
    })
    .await;
    drop(listeners);
    let mut stream = Stream::open(&system.gateway).await; // the reading may have ended and begun
    let row = insert(&system.pool, 1, 0).await;
    assert_eq!(stream.until(&row).await, row);
}

#[tokio::test]
async fn streams_end_at_once_when_their_gateway_stops_and_after_their_time() {
    let system = System::new().await;
    let mut other = Another::start(&system, &["--stream", "1"]).await;
    let mut short = Stream::open(&other.gateway).await;
    let ended = async { while short.block().await.is_some() {} };
    timeout(DEADLINE, ended).await.expect("the end of its time");
    assert!(other.process.stop().await.success());

    let mut gateway = system.gateway().await;
    let mut stream = Stream::open(&system.gateway).await;
    gateway.signal("TERM");
    let ended = async { while stream.block().await.is_some() {} };
    timeout(Duration::from_secs(5), ended).await.expect("the end at the stop");
    let again = Stream::resume(&system.gateway, "0-00000000000000000000000000000000");
    if let Ok(mut again) = timeout(Duration::from_millis(100), again).await {
        assert_eq!(
            again.block().await.as_deref(),
            Some("retry: 1000\n\n"),
            "to come back elsewhere"
        );
        assert_eq!(again.block().await, None);
    }
    assert!(gateway.ended().await.success());
}

#[tokio::test]
async fn one_process_for_everything_streams_events_too() {
    let embedded = Embedded::start().await;
    let mut stream = Stream::open(&embedded.gateway).await;
    let mut missions = HashMap::new();
    for _ in 0..3 {
        let mission = ask(&embedded.gateway).await;
        assert_eq!(stream.mission().await.as_ref(), Some(&mission));
        missions.insert(id(&mission), mission);
    }
    let mut again = Stream::resume(&embedded.gateway, &stream.last).await;
    let told = again.until(&missions.keys().copied().collect()).await;
    assert_eq!(told.len(), 3);
}

#[tokio::test]
async fn a_wrong_place_to_resume_at_is_named_and_a_head_is_answered_without_a_seat() {
    let embedded = Embedded::start().await;
    let cursor = "10000000000000-00000000000000000000000000000007";
    for wrong in ["7", "nowhere", "ffffffffffffffff-00000000000000000000000000000007"] {
        let refused = send(listen(&embedded.gateway).header("last-event-id", wrong)).await;
        assert_eq!((refused.status, refused.problem().as_str()), (400, "malformed"), "{wrong}");
        assert!(refused.detail().contains("`Last-Event-ID`"), "{refused:?}");
    }
    let twice = listen(&embedded.gateway).header("last-event-id", cursor);
    assert_eq!(send(twice.header("last-event-id", cursor)).await.status, 400);
    let url = format!("{}/missions/events", embedded.gateway);
    assert_eq!(get(&format!("{url}?limit=1")).await.status, 400);
    assert_eq!(send(request("POST", &url)).await.header("allow"), "GET, HEAD, OPTIONS");
    let head = send(request("HEAD", &url)).await;
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream"));
    Stream::resume(&embedded.gateway, cursor).await;
    Stream::resume(&embedded.gateway, "").await;
}
