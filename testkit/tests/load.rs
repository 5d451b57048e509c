//! The load generator against a gateway of a few lines.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use testkit::load::{self, Load, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Answers every read with a new id; every 100th reply closes the connection.
async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 1024];
    while stream.read(&mut request).await? > 0 {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"id":"00000000-0000-0000-0000-{n:012x}"}}"#);
        let connection = if n.is_multiple_of(100) { "close" } else { "keep-alive" };
        let length = body.len();
        let reply = format!(
            "HTTP/1.1 201 Created\r\nconnection: {connection}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(reply.as_bytes()).await?;
        if n.is_multiple_of(100) {
            break;
        }
    }
    Ok(())
}

async fn gateway() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    Ok(addr)
}

#[tokio::test]
async fn every_request_gets_one_reply() {
    let addr = gateway().await.unwrap();
    let report = load::run(addr, 8, Stop::Requests(1_000)).await;
    assert_eq!(report.status(201), 1_000);
    assert_eq!((report.failures(), report.impostors()), (0, 0), "{:?}", report.first_failure);
    assert_eq!((report.bodies.len(), report.ids.len()), (1_000, 1_000));
    assert_eq!(report.latencies.len(), 1_000);
}

#[tokio::test]
async fn a_load_ends_in_time_and_leaves_the_warm_up_out() {
    let addr = gateway().await.unwrap();
    let warm_up = Duration::from_millis(200);
    let load = Load { warm_up, ..Load::new(addr, 4) };
    let report = load.start(Stop::After(Duration::from_millis(200))).finish().await;
    assert_eq!(report.window, Duration::from_millis(200));
    assert!(!report.latencies.is_empty() && report.bodies.is_empty());
    assert!((report.latencies.len() as u64) < report.status(201));
}

#[tokio::test]
async fn a_load_in_the_background_is_watched_and_stopped() {
    let running = Load::new(gateway().await.unwrap(), 4).start(Stop::Told);
    running.await_more(100, Duration::from_secs(30)).await.unwrap();
    let seen = running.answered();
    let report = running.stop().await;
    assert!(seen >= 100 && report.status(201) >= seen);
    report.without_failure().unwrap();
}

#[tokio::test]
async fn a_gateway_that_is_away_is_an_error_and_not_a_panic() {
    let addr = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let report = load::run(addr, 2, Stop::Requests(4)).await;
    assert_eq!((report.errors, report.failures()), (4, 4));
    assert!(report.first_failure.is_some());
}
