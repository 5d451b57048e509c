//! Facts about connections, over TCP and without a broker or a database.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::serve;
use crate::config::Config;
use crate::edge::serve::Edge;
use crate::limits::Limits;
use crate::routes;
use crate::shared::Shared;

const HOST: &str = "Host: x\r\n";

/// A server on a port of its own; it stops when the test ends.
async fn server() -> SocketAddr {
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "slow"
    };
    let echo = post(|body: String| async { body }).get(|| async { "read" });
    server_of(Router::new().route("/", echo).route("/slow", get(slow))).await
}

async fn server_of(router: Router) -> SocketAddr {
    let wait = Duration::from_secs(1);
    let config = Config {
        batch: 1,
        wait,
        drain: Duration::ZERO,
        stream: wait,
        clock: || OffsetDateTime::UNIX_EPOCH,
        new_id: Uuid::new_v4,
        announce: false,
        limits: Limits::default(),
        operators: crate::Operators::Local,
        sends: true,
        drills: None,
        database: String::new(),
    };
    let stop = CancellationToken::new();
    let edge = Arc::new(Edge::new(router, &config, &stop));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener, edge, &config, &stop).await });
    address
}

/// Sends these words, ends its half of the connection, and reads to the end.
async fn say(server: SocketAddr, words: &[u8]) -> String {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let _ = stream.write_all(words).await; // it may be refused while it is written
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// A problem of this status and word, whole, with a request id.
fn assert_problem(answer: &str, status: u16, word: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let field = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no {name}: {answer}")).1.to_owned()
    };
    assert_eq!(field("content-type"), "application/problem+json");
    assert!(field("x-request-id").parse::<Uuid>().is_ok(), "{answer}");
    assert_eq!(field("content-length"), body.len().to_string(), "{answer}");
    let problem: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["type"], format!("/problems/{word}"), "{answer}");
    assert_eq!(problem["status"], status, "{answer}");
}

#[tokio::test]
async fn a_head_of_more_than_16_kib_is_refused() {
    let server = server().await;
    let head = format!("GET / HTTP/1.1\r\n{HOST}x-long: {}\r\n\r\n", "x".repeat(20_000));
    assert_problem(&say(server, head.as_bytes()).await, 431, "head-too-large");
    let path = format!("GET /{} HTTP/1.1\r\n{HOST}\r\n", "x".repeat(70_000));
    assert_problem(&say(server, path.as_bytes()).await, 431, "head-too-large");
    let head = format!("GET / HTTP/1.1\r\n{HOST}x-long: {}\r\n\r\n", "x".repeat(12_000));
    assert!(say(server, head.as_bytes()).await.starts_with("HTTP/1.1 200 "), "12 kB fit");
}

#[tokio::test]
async fn what_the_http_layer_refuses_is_a_problem_with_a_request_id() {
    let server = server().await;
    for garbage in
        ["mission please\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n"]
    {
        assert_problem(&say(server, garbage.as_bytes()).await, 400, "malformed");
    }
    let fields: String = (0..70).map(|n| format!("x-{n}: y\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\n{HOST}{fields}\r\n");
    assert_problem(&say(server, many.as_bytes()).await, 431, "head-too-large");
    let first_good = format!("GET / HTTP/1.1\r\n{HOST}\r\nnonsense\r\n\r\n");
    let both = say(server, first_good.as_bytes()).await;
    assert!(both.starts_with("HTTP/1.1 200 "), "{both}");
    assert!(both.contains("HTTP/1.1 400 ") && both.contains("/problems/malformed"), "{both}");
}

#[tokio::test]
async fn a_request_without_a_host_or_with_two_is_refused() {
    let server = server().await;
    for host in ["", "Host: x\r\nHost: x\r\n", "Host: x y\r\n"] {
        let request = format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        assert_problem(&say(server, request.as_bytes()).await, 400, "malformed");
    }
    for good in [
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        let answer = say(server, good.as_bytes()).await;
        assert!(answer.split(' ').nth(1) == Some("200"), "{good}: {answer}");
    }
}

#[tokio::test]
async fn a_transfer_coding_other_than_one_chunked_is_refused() {
    let server = server().await;
    for coding in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: identity\r\n",
    ] {
        let request = format!("POST / HTTP/1.1\r\n{HOST}{coding}\r\n3\r\nabc\r\n0\r\n\r\n");
        assert_problem(&say(server, request.as_bytes()).await, 400, "malformed");
    }
    let chunked = format!(
        "POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: Chunked\r\nConnection: close\r\n\r\n\
         3\r\nabc\r\n0\r\n\r\n"
    );
    let answer = say(server, chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("abc"), "{answer}");
}

/// With paused time the slow handler ends when nothing else is left to do: the server has seen that
/// the client closed its half.
#[tokio::test(start_paused = true)]
async fn a_client_that_closes_its_half_gets_its_answer() {
    let answer = say(server().await, format!("GET /slow HTTP/1.1\r\n{HOST}\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("slow"), "{answer}");
}

#[tokio::test]
async fn a_head_of_the_event_stream_has_no_length() {
    let store = store::Store::new(&"sqlite:no-such-folder/never-opened".parse().unwrap());
    let server = server_of(routes::router(Shared::for_tests(store))).await;
    let request = format!("HEAD /missions/events HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n");
    let answer = say(server, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("text/event-stream") && !answer.contains("content-length"), "{answer}");
}
