//! The limits of the broker: alarms, large headers, and bytes that no client can read.

use std::time::{Duration, Instant};

use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::amqp_callers::{asking as properties, publish};
use crate::caller::Caller;
use crate::outages::{PATIENT, asking, on_own_broker, until_refused};
use crate::process::Process;
use crate::system::{DEADLINE, System, eventually};

/// Longer than the time limit of a publish or a confirm without an alarm.
const ALARM: Duration = Duration::from_secs(20);

/// How many sessions this decider has had.
fn sessions(decider: &Process) -> usize {
    decider.log().matches("taking requests").count()
}

/// The warnings of these deciders.
fn told(deciders: &[Process]) -> String {
    let warnings = |decider: &Process| {
        let log = decider.log();
        log.lines().filter(|line| line.contains("WARN")).collect::<Vec<_>>().join("\n")
    };
    deciders.iter().map(warnings).collect::<Vec<_>>().join("\n\n")
}

/// Each of these was answered with its stored mission, and no other mission is stored.
async fn all_answered(system: &System, caller: &mut Caller, asked: usize, others: usize) {
    for _ in 0..asked {
        system.stands(&caller.mission().await).await;
    }
    system.all_settled().await;
    assert_eq!(system.missions().await.len(), asked + others);
}

#[tokio::test]
async fn an_alarm_is_waited_for_and_counts_as_no_try() {
    let (rabbit, _database, system) = on_own_broker().await;
    let _workers = system.all_but(["letter", "decider"]);
    let deciders = system.workers(["decider", "decider"]);
    let _gateway = system.gateway_with(&PATIENT, None).await;
    let mut caller = Caller::connect(&system).await;
    let ids: [_; 10] = std::array::from_fn(|_| Uuid::new_v4());
    caller.requests(&ids.each_ref().map(std::slice::from_ref)).await;
    let mut waiting: Vec<_> = (0..10).map(|_| asking(&system)).collect();
    system.gateway_shows("silent").await; // the requests are confirmed, and wait for the letters

    let before = deciders.each_ref().map(sessions);
    rabbit.alarm(true).unwrap();
    let raised = Instant::now();
    let _letter = system.worker("letter");
    waiting.extend(until_refused(&system).await);
    eventually("the alarm to have lasted", async || raised.elapsed() > ALARM).await;
    assert_eq!(
        deciders.each_ref().map(sessions),
        before,
        "no session is lost: {}",
        told(&deciders)
    );
    assert!(system.rows().await < 20, "nothing was held up");
    rabbit.alarm(false).unwrap();

    let others = waiting.len();
    for waiter in waiting {
        let answer = tokio::time::timeout(DEADLINE, waiter).await.unwrap().unwrap();
        assert_eq!(answer.status(), 201);
        system.stands(&answer.json().await.unwrap()).await;
    }
    all_answered(&system, &mut caller, ids.len(), others).await;
    assert!(caller.dead_letters().await.is_empty());
    assert_eq!(
        deciders.each_ref().map(sessions),
        before,
        "no session was lost: {}",
        told(&deciders)
    );
}

#[tokio::test]
async fn a_request_with_a_huge_header_table_is_served() {
    let system = System::new().await;
    let decider = system.worker("decider");
    let _others = system.all_but(["decider"]);
    let mut caller = Caller::connect(&system).await;
    let mut huge = FieldTable::default();
    for n in 0..60 {
        huge.insert(format!("x-{n}").into(), AMQPValue::LongString("x".repeat(1_024).into()));
    }
    for _ in 0..10 {
        caller.request(&[Uuid::new_v4()]).await;
        let request = properties(&Uuid::new_v4().to_string(), &caller.queue);
        publish(&caller, b"{}", request.with_headers(huge.clone())).await;
    }
    all_answered(&system, &mut caller, 20, 0).await;
    assert!(caller.dead_letters().await.is_empty());
    assert_eq!(sessions(&decider), 1);
}

/// A frame of AMQP 0-9-1.
fn frame(kind: u8, channel: u8, parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[kind, 0, channel][..], &length, &payload, &[0xCE]].concat()
}

/// A short string of AMQP 0-9-1.
fn short(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

/// Publishes a durable message whose message id and correlation id are these bytes.
async fn publish_raw(amqp: &str, exchange: &str, id: &[u8]) {
    let uri: AMQPUri = amqp.parse().unwrap();
    let user = uri.authority.userinfo;
    let login = format!("\0{}\0{}", user.username, user.password);
    let login_length = u32::try_from(login.len()).unwrap().to_be_bytes();
    let (start_ok, tune_ok) = ([0, 10, 0, 11, 0, 0, 0, 0], [0, 10, 0, 31, 0, 1, 0, 2, 0, 0, 0, 0]);
    let properties: [&[u8]; 5] = [
        &[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        &0x1480_u16.to_be_bytes(),
        &[2],
        &short(id),
        &short(id),
    ];
    let said = [
        b"AMQP\x00\x00\x09\x01".to_vec(),
        frame(1, 0, &[&start_ok, &short(b"PLAIN"), &login_length, login.as_bytes(), &short(b"C")]),
        frame(1, 0, &[&tune_ok]),
        frame(1, 0, &[&[0, 10, 0, 40], &short(uri.vhost.as_bytes()), &[0, 0]]),
        frame(1, 1, &[&[0, 20, 0, 10, 0]]),
        frame(1, 1, &[&[0, 60, 0, 40, 0, 0], &short(exchange.as_bytes()), &[0, 0]]),
        frame(2, 1, &properties),
        frame(3, 1, &[b"{}"]),
        frame(1, 1, &[&[0, 20, 0, 40, 0, 200, 0, 0, 0, 0, 0]]),
    ];
    let address = (uri.authority.host.as_str(), uri.authority.port);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&said.concat()).await.unwrap();
    let mut heard = Vec::new();
    let closed = frame(1, 1, &[&[0, 20, 0, 41]]);
    while !heard.ends_with(&closed) {
        let read = stream.read_buf(&mut heard).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&heard));
    }
}

#[tokio::test]
async fn a_request_whose_properties_are_no_text_is_refused_and_holds_nobody_up() {
    let system = System::new().await;
    let _workers = system.all_but(["decider"]);
    let mut caller = Caller::connect(&system).await;
    let ids: [_; 20] = std::array::from_fn(|_| Uuid::new_v4());
    let requests = ids.each_ref().map(std::slice::from_ref);
    caller.requests(&requests[..10]).await;
    publish_raw(&system.amqp, "mission.requests", b"\xff\xfe no text").await;
    caller.requests(&requests[10..]).await;
    let decider = system.worker("decider");
    all_answered(&system, &mut caller, ids.len(), 0).await;
    assert_eq!(sessions(&decider), 1);
    let letters = caller.await_dead_letters(1).await;
    assert!(letters[0].reason.starts_with("invalid: `message_id`"), "{}", letters[0].reason);
}

#[tokio::test]
async fn a_letter_whose_properties_are_no_text_is_moved_like_the_others() {
    let system = System::new().await;
    let caller = Caller::connect(&system).await;
    for id in [&b"\xff\xfe no text"[..], b"text"] {
        publish_raw(&system.amqp, "mission.dead-letters", id).await;
    }
    let _persister = system.worker("persister");
    eventually("both letters", async || system.dead_letters().await == 2).await;
    let ids = sqlx::query_scalar("SELECT message_id FROM dead_letters ORDER BY message_id");
    let ids: Vec<String> = ids.fetch_all(&system.pool).await.unwrap();
    assert_eq!(ids, ["?? no text", "text"]);
    drop(caller);
}
