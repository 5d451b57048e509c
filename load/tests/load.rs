//! The load generator against a gateway of a few lines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use load::{Endpoint, Load, Report, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

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
    assert_eq!(report.latencies.count(), 1_000);
}

#[tokio::test]
async fn a_load_ends_in_time_and_leaves_the_warm_up_out() {
    let addr = gateway().await.unwrap();
    let warm_up = Duration::from_millis(200);
    let load = Load { warm_up, ..Load::new(addr, 4) };
    let report = load::start(load, Stop::After(Duration::from_millis(200))).finish().await;
    assert_eq!(report.window, Duration::from_millis(200));
    assert!(report.latencies.count() > 0 && report.bodies.is_empty());
    assert!(report.latencies.count() < report.status(201));
}

#[tokio::test]
async fn a_load_in_the_background_is_watched_and_stopped() {
    let running = load::start(Load::new(gateway().await.unwrap(), 4), Stop::Told);
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

/// Answers nothing until it is told to go on.
async fn gateway_that_waits(go_on: oneshot::Receiver<()>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(async move {
        let _ = go_on.await;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    Ok(addr)
}

/// An open loop of 1,000 requests per second on one connection, whose first reply takes 300 ms.
async fn held_up(until: Stop) -> Report {
    let (go_on, told) = oneshot::channel();
    let open = |addr| Load { rate: Some(1_000), ..Load::new(addr, 1) };
    let mut running = load::start(open(gateway_that_waits(told).await.unwrap()), until);
    let mut clock = load::start(open(gateway().await.unwrap()), Stop::Requests(301));
    clock.finish().await.without_failure().unwrap();
    go_on.send(()).unwrap();
    let report = running.finish().await;
    report.without_failure().unwrap();
    report
}

#[tokio::test]
async fn an_open_loop_keeps_its_rate() {
    let load = Load { rate: Some(500), ..Load::new(gateway().await.unwrap(), 8) };
    let report = load::start(load, Stop::After(Duration::from_secs(1))).finish().await;
    report.without_failure().unwrap();
    let sent = report.latencies.count();
    assert_eq!(sent + report.unsent, 500);
    assert!(sent >= 250, "only {sent} were sent");
    assert_eq!(report.window, Duration::from_secs(1));
}

#[tokio::test]
async fn an_open_loop_counts_the_wait_of_requests_that_were_held_up() {
    let report = held_up(Stop::Requests(200)).await;
    assert_eq!((report.latencies.count(), report.unsent), (200, 0));
    let p50 = report.quantile(0.5);
    assert!(p50 >= 150.0, "{p50} ms: half of them were due in the first 150 ms of 300");
}

#[tokio::test]
async fn an_open_loop_says_what_was_not_sent() {
    let report = held_up(Stop::After(Duration::from_millis(100))).await;
    assert_eq!((report.latencies.count(), report.unsent), (1, 99));
    let longest = report.quantile(1.0);
    assert!(longest >= 290.0, "{longest} ms: a reply after the end counts, too");
}

/// Answers a `GET` with 200 and its path, and anything else with 405.
async fn pages() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut request).await {
                    let text = String::from_utf8_lossy(request.get(..read).unwrap()).into_owned();
                    let path = text.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
                    let (status, body) = path.map_or(("405", ""), |path| ("200", path));
                    let length = body.len();
                    let reply =
                        format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
                    stream.write_all(reply.as_bytes()).await.unwrap();
                }
            });
        }
    });
    Ok(addr)
}

#[tokio::test]
async fn a_load_that_reads_gets_its_pages_in_turn_and_wants_200() {
    let addr = pages().await.unwrap();
    let endpoint = Endpoint::from(addr).reading(["/a", "/b", "/c"].map(str::to_owned));
    let report = load::run(endpoint, 2, Stop::Requests(300)).await;
    report.without_failure().unwrap();
    assert_eq!((report.good(), report.latencies.count(), report.impostors()), (300, 300, 0));
    for path in ["/a", "/b", "/c"] {
        let read = report.bodies.iter().filter(|(_, body)| body == path).count();
        assert!((90..=110).contains(&read), "{path} was read {read} times");
    }
    let report = load::run(addr, 1, Stop::Requests(3)).await;
    assert_eq!((report.good(), report.failures()), (0, 3), "a mission is no page");
}
