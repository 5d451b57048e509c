//! What every request and every response passes at the edge of the gateway.

use std::net::Ipv4Addr;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde_json::json;
use tempfile::TempDir;
use testkit::servers::Port;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use uuid::Uuid;

use crate::http::{Said, get, post, request, say, send};
use crate::process::Process;
use crate::system::{DEADLINE, Embedded, ask, eventually};

/// The paths, and the methods of each.
const ADDRESSES: [(&str, &str); 9] = [
    ("/", "GET, HEAD, OPTIONS"),
    ("/missions", "GET, HEAD, POST, OPTIONS"),
    ("/missions/019abc00-1111-7222-8333-444455556600", "GET, HEAD, OPTIONS"),
    ("/operations/dead-letters", "GET, HEAD, OPTIONS"),
    ("/operations/dead-letters/replay", "POST, OPTIONS"),
    (
        "/operations/dead-letters/0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de/edit",
        "GET, HEAD, POST, OPTIONS",
    ),
    ("/livez", "GET, HEAD, OPTIONS"),
    ("/readyz", "GET, HEAD, OPTIONS"),
    ("/problems/invalid", "GET, HEAD, OPTIONS"),
];

#[tokio::test]
async fn every_path_names_its_methods_to_options_and_to_a_wrong_method() {
    let embedded = Embedded::start().await;
    for (path, methods) in ADDRESSES {
        let url = format!("{}{path}", embedded.gateway);
        let options = send(request("OPTIONS", &url)).await;
        assert_eq!((options.status, options.header("allow"), &*options.body), (204, methods, ""));
        assert_eq!(options.header("content-length"), "", "a 204 has none");
        let wrong = send(request("DELETE", &url)).await;
        assert_eq!((wrong.status, wrong.header("allow")), (405, methods), "{path}");
        assert_eq!(wrong.problem(), "method-not-allowed");
    }
    let nowhere = send(request("OPTIONS", &format!("{}/nowhere", embedded.gateway))).await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test]
async fn every_answer_has_the_callers_request_id_or_a_new_one() {
    let embedded = Embedded::start().await;
    let named = |method: &str, path: &str| {
        let request = request(method, &format!("{}{path}", embedded.gateway));
        request.header("x-request-id", "the-name-is-bond")
    };
    for (method, path) in
        [("POST", "/missions"), ("GET", "/nowhere"), ("PUT", "/"), ("HEAD", "/livez")]
    {
        let said = send(named(method, path)).await;
        assert_eq!(said.header("x-request-id"), "the-name-is-bond", "{said:?}");
    }
    let url = format!("{}/missions", embedded.gateway);
    let own: Vec<_> = [get(&url).await, get(&url).await].iter().map(request_id).collect();
    assert_ne!(own[0], own[1]);
    let long = request("GET", &url).header("x-request-id", "x".repeat(129));
    request_id(&send(long).await);
}

/// The request id that the gateway made.
fn request_id(said: &Said) -> Uuid {
    said.header("x-request-id").parse().unwrap_or_else(|_| panic!("{said:?}"))
}

#[tokio::test]
async fn each_request_has_a_line_in_the_log_with_its_id_and_its_client() {
    let (directory, port) = (TempDir::new().unwrap(), Port::free().unwrap());
    let database = format!("sqlite:{}", directory.path().join("missions.db").display());
    let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
    let arguments = ["up", "--database", &database, "--listen", &listen];
    let environment =
        [("SPYMISSION_LOG", "gateway=debug"), ("SPYMISSION_TRUST_PROXY", "127.0.0.1")];
    let process = Process::start_in(&environment, &arguments);
    process.says("publishing requests").await;
    let url = format!("http://{listen}/missions?limit=0");
    let named = request("GET", &url).header("x-request-id", "the-name-is-bond");
    send(named.header("x-forwarded-for", "1.1.1.1, 203.0.113.9")).await;
    process.says("the-name-is-bond").await;
    let log = process.log();
    let line = log.lines().find(|line| line.contains("the-name-is-bond")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["span"]["request_id"], "the-name-is-bond", "{line}");
    assert_eq!((&line["method"], &line["path"]), (&json!("GET"), &json!("/missions")), "{line}");
    assert_eq!((&line["status"], &line["client"]), (&json!(422), &json!("203.0.113.9")), "{line}");
    assert!(line["ms"].as_f64().unwrap() > 0.0, "{line}");
}

#[tokio::test]
async fn a_long_response_is_compressed_for_a_client_that_accepts_it_and_a_short_one_is_not() {
    let embedded = Embedded::start().await;
    assert_eq!(post(&embedded.gateway, Some(json!({"count": 20}))).await.status, 201);
    let url = format!("{}/missions", embedded.gateway);
    let gzip = |method: &str, url: &str| request(method, url).header("accept-encoding", "gzip");
    let long = gzip("GET", &url).send().await.unwrap();
    assert_eq!(long.headers()["content-encoding"], "gzip");
    let varies = |headers: &reqwest::header::HeaderMap| {
        headers.get_all("vary").iter().any(|value| value == "accept-encoding")
    };
    assert!(varies(long.headers()), "{long:?}");
    let compressed = long.bytes().await.unwrap();
    assert!(compressed.starts_with(b"\x1f\x8b"), "{compressed:?}");
    let plain = get(&url).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(varies(&plain.headers), "{plain:?}");
    assert!(compressed.len() * 2 < plain.body.len(), "{} bytes", compressed.len());
    let short = send(gzip("POST", &url)).await;
    assert_eq!((short.status, short.header("content-encoding")), (201, ""));
    let nothing = request("POST", &url).header("accept-encoding", "*;q=0");
    let refused = send(nothing).await;
    assert_eq!((refused.status, &*refused.problem()), (406, "not-acceptable"));
    let stored = get(&format!("{url}?limit=256")).await.json();
    assert_eq!(stored["missions"].as_array().unwrap().len(), 21, "it was refused before the work");
}

#[tokio::test]
async fn pages_of_other_origins_are_allowed_only_where_they_are_listed() {
    let preflight = |gateway: &str, origin: &str| {
        let request = request("OPTIONS", &format!("{gateway}/missions")).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type,idempotency-key")
    };
    let closed = Embedded::start().await;
    let said = send(preflight(&closed.gateway, "https://app.example")).await;
    assert_eq!((said.status, said.header("access-control-allow-origin")), (204, ""));
    let flags = ["--cors", "https://app.example,http://localhost:3000"];
    let open = Embedded::start_with(&flags).await;
    let said = send(preflight(&open.gateway, "https://app.example")).await;
    assert_eq!(said.status, 200);
    assert_eq!(said.header("access-control-allow-origin"), "https://app.example");
    for (header, words) in [
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "idempotency-key"),
        ("access-control-max-age", "3600"),
        ("vary", "origin"),
    ] {
        assert!(said.header(header).contains(words), "{header}: {said:?}");
    }
    let from = |origin: &str| {
        request("POST", &format!("{}/missions", open.gateway)).header("origin", origin)
    };
    let said = send(from("http://localhost:3000")).await;
    assert_eq!(said.header("access-control-allow-origin"), "http://localhost:3000");
    assert!(said.header("access-control-expose-headers").contains("location"), "{said:?}");
    let said = send(from("https://evil.example")).await;
    assert_eq!(said.header("access-control-allow-origin"), "", "{said:?}");
    let plain = request("OPTIONS", &format!("{}/missions", open.gateway));
    let said = send(plain.header("origin", "https://app.example")).await;
    assert_eq!((said.status, said.header("allow")), (204, "GET, HEAD, POST, OPTIONS"));
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_to_wait_and_the_next_client_is_not() {
    let flags = ["--rate", "2/60", "--trust-proxy", "10.0.0.0/8,127.0.0.1"];
    let embedded = Embedded::start_with(&flags).await;
    let url = format!("{}/missions", embedded.gateway);
    let from = |client: &str| request("GET", &url).header("x-forwarded-for", client);
    for (forwarded, left) in [("203.0.113.9", 1), ("7.7.7.7, 203.0.113.9, 10.1.1.1", 0)] {
        let said = send(from(forwarded)).await;
        assert_eq!(said.status, 200);
        assert_eq!(said.header("ratelimit-policy"), "\"client\";q=2;w=60");
        assert_eq!(said.header("ratelimit"), format!("\"client\";r={left};t=30"));
    }
    let refused = send(from("8.8.8.8, 203.0.113.9")).await;
    assert_eq!((refused.status, &*refused.problem()), (429, "rate-limited"));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{refused:?}");
    assert_eq!(refused.header("ratelimit"), format!("\"client\";r=0;t={wait}"));
    assert_eq!(refused.header("ratelimit-policy"), "\"client\";q=2;w=60");
    request_id(&refused);
    assert_eq!(send(from("198.51.100.7")).await.status, 200);
    for probe in ["/livez", "/readyz"] {
        let probe = request("GET", &format!("{}{probe}", embedded.gateway));
        let said = send(probe.header("x-forwarded-for", "203.0.113.9")).await;
        assert_eq!((said.status, said.header("ratelimit")), (200, ""));
    }
}

#[tokio::test]
async fn what_an_untrusted_caller_says_of_itself_changes_nothing() {
    let embedded = Embedded::start_with(&["--rate", "2/60"]).await;
    let from = |client: &str| -> RequestBuilder {
        request("GET", &embedded.gateway).header("x-forwarded-for", client)
    };
    for (client, status) in [("203.0.113.9", 200), ("198.51.100.7", 200), ("192.0.2.1", 429)] {
        assert_eq!(send(from(client)).await.status, status, "{client}");
    }
}

#[tokio::test]
async fn one_address_has_a_quarter_of_the_connections_and_a_trusted_proxy_all() {
    let embedded = Embedded::start_with(&["--connections", "8"]).await;
    let mut held = Vec::new();
    eventually("two connections", async || {
        held.extend(listening(&embedded.gateway).await);
        held.len() == 2
    })
    .await;
    for _ in 0..5 {
        assert!(listening(&embedded.gateway).await.is_none(), "one more is closed at once");
    }
    held.pop();
    eventually("its place to be free", async || listening(&embedded.gateway).await.is_some()).await;

    let flags = ["--connections", "8", "--trust-proxy", "127.0.0.0/8"];
    let embedded = Embedded::start_with(&flags).await;
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(listening(&embedded.gateway).await.unwrap());
    }
}

/// A connection that got a response and stays open, if it was accepted.
async fn listening(gateway: &str) -> Option<TcpStream> {
    let mut stream = say(gateway, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut answer = Vec::new();
    while !answer.ends_with(b"live\n") {
        let read = tokio::time::timeout(DEADLINE, stream.read_buf(&mut answer)).await;
        if read.unwrap().unwrap_or_default() == 0 {
            return None;
        }
    }
    Some(stream)
}

#[tokio::test]
async fn a_head_that_does_not_end_is_refused_after_ten_seconds() {
    let embedded = Embedded::start().await;
    let mut stream = listening(&embedded.gateway).await.unwrap();
    let began = Instant::now();
    stream.write_all(b"GET /livez HTTP/1.1\r\nho").await.unwrap();
    let mut heard = Vec::new();
    let end = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut heard)).await;
    assert!(end.is_ok(), "it is still open");
    assert!(began.elapsed() > Duration::from_secs(9), "{:?}", began.elapsed());
    ask(&embedded.gateway).await;
}

#[tokio::test]
async fn idle_connections_never_take_the_last_file_descriptors() {
    let (directory, port) = (TempDir::new().unwrap(), Port::free().unwrap());
    let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
    let command = format!(
        "ulimit -n 100 && exec {} up --database sqlite:{} --listen {listen}",
        env!("CARGO_BIN_EXE_spymission"),
        directory.path().join("missions.db").display(),
    );
    let mut limited = Command::new("sh");
    limited.args(["-c", &command]);
    let process = Process::spawn(limited);
    process.says("publishing requests").await;
    process.says("fewer connections are accepted").await;
    let mut held = Vec::new();
    for _ in 0..100 {
        held.push(TcpStream::connect(&listen).await.unwrap());
    }
    let other = TcpSocket::new_v4().unwrap();
    other.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into()).unwrap();
    let mut other = other.connect(listen.parse().unwrap()).await.unwrap();
    let request = b"POST /missions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    other.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(DEADLINE, other.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "another client is locked out");
    assert!(answer.starts_with(b"HTTP/1.1 201 "), "{}", String::from_utf8_lossy(&answer));
}
