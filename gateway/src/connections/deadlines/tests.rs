//! Facts about idle connections and slow heads.

use std::convert::Infallible;

use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;

/// A connection to a server whose responses take this long, and their bodies as long again.
fn connect(answer: Duration) -> DuplexStream {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let answering = Answering::new();
    let stream = TokioIo::new(Deadlines::new(server, answering.clone()));
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let answer_begun = answering.begin();
        async move {
            let wait = async move || match answer {
                Duration::ZERO => {}
                answer => tokio::time::sleep(answer).await,
            };
            let _ = request.into_body().collect().await;
            wait().await;
            let later = futures_util::stream::once(async move {
                wait().await;
                Ok::<_, Infallible>("done")
            });
            let body = axum::body::Body::from_stream(later);
            Ok::<_, Infallible>(hyper::Response::new(Answered { body, answer: answer_begun }))
        }
    });
    let mut http = http1::Builder::new();
    http.header_read_timeout(None);
    tokio::spawn(async move { http.serve_connection(stream, service).await });
    client
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Sends a request and reads the response.
async fn ask(client: &mut DuplexStream) {
    client.write_all(REQUEST).await.unwrap();
    hear(client).await;
}

/// Reads to the end of a response.
async fn hear(client: &mut DuplexStream) {
    let mut heard = Vec::new();
    while !heard.ends_with(b"done\r\n0\r\n\r\n") {
        assert_ne!(client.read_buf(&mut heard).await.unwrap(), 0, "{heard:?}");
    }
}

/// Waits for the end of the connection; returns how long that took.
async fn end(client: &mut DuplexStream) -> Duration {
    let began = Instant::now();
    while client.read_u8().await.is_ok() {}
    began.elapsed()
}

/// Sends a byte a second; returns how long the server read them.
async fn dribble(client: &mut DuplexStream) -> Duration {
    let began = Instant::now();
    for byte in REQUEST.iter().cycle().filter(|byte| **byte != b'\n') {
        let second = Duration::from_secs(1);
        if client.write_all(&[*byte]).await.is_err()
            || tokio::time::timeout(second, client.read_u8()).await.is_ok()
        {
            break;
        }
    }
    began.elapsed()
}

fn about(seconds: u64, time: Duration) -> bool {
    (Duration::from_secs(seconds)..Duration::from_secs(seconds + 2)).contains(&time)
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_is_cut_off_after_ten_seconds() {
    let listened = dribble(&mut connect(Duration::ZERO)).await;
    assert!(about(10, listened), "{listened:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_is_cut_off_after_idle_times_and_requests_too() {
    let mut client = connect(Duration::ZERO);
    for idle in [74, 74, 3] {
        ask(&mut client).await;
        tokio::time::sleep(Duration::from_secs(idle)).await;
    }
    let listened = dribble(&mut client).await;
    assert!(about(10, listened), "{listened:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_idle_for_75_seconds_before_and_after_a_request() {
    let idled = end(&mut connect(Duration::ZERO)).await;
    assert!(about(75, idled), "{idled:?}");
    let mut client = connect(Duration::ZERO);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(74)).await;
        ask(&mut client).await;
    }
    let idled = end(&mut client).await;
    assert!(about(75, idled), "{idled:?}");
    let mut client = connect(Duration::ZERO);
    ask(&mut client).await; // before it was ever waited for
    let idled = end(&mut client).await;
    assert!(about(75, idled), "{idled:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_take_longer_than_both_deadlines() {
    let mut client = connect(Duration::from_secs(100));
    ask(&mut client).await;
    ask(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_sent_while_another_is_answered_is_answered_too() {
    let mut client = connect(Duration::from_secs(100));
    client.write_all(REQUEST).await.unwrap();
    tokio::time::sleep(Duration::from_secs(50)).await;
    ask(&mut client).await;
    hear(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_its_time_is_no_head() {
    let mut client = connect(Duration::ZERO);
    client.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.unwrap();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        client.write_all(b"x").await.unwrap();
    }
    hear(&mut client).await;
    let idled = end(&mut client).await;
    assert!(about(75, idled), "{idled:?}");
}
