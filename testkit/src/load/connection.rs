//! One connection of a load: it sends the next request when it has the reply to the last.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use super::endpoint::{Connection, Endpoint};
use super::reply::{self, Reply};
use super::report::Report;

/// Longer than a gateway lets a caller wait, also behind nginx.
const PATIENCE: Duration = Duration::from_secs(70);

/// What the connections of a load share.
pub(super) struct Shared {
    pub(super) endpoint: Endpoint,
    pub(super) keep_bodies: bool,
    /// How long a connection waits after a reply other than 201.
    pub(super) pause: Duration,
    pub(super) start: Instant,
    /// When the warm-up ends.
    pub(super) begin: Instant,
    pub(super) end: Option<Instant>,
    /// How many requests may still be sent.
    pub(super) left: AtomicU64,
    /// How many were answered with 201.
    pub(super) answered: AtomicU64,
}

impl Shared {
    /// Whether one more request may be sent; it is counted then.
    fn more(&self) -> bool {
        let in_time = self.end.is_none_or(|end| Instant::now() < end);
        let take = |left: u64| left.checked_sub(1);
        in_time && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

/// Sends requests until the load ends, on a new connection when the old one was closed.
pub(super) async fn ask(shared: Arc<Shared>) -> Report {
    let mut report = Report::default();
    let request = format!(
        "POST /missions HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n\r\n",
        shared.endpoint.host()
    );
    let mut open = None;
    while shared.more() {
        let asked = timeout(PATIENCE, exchange(&mut open, &shared, &request, &mut report)).await;
        let failure = match asked {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no reply within {PATIENCE:?}"),
        };
        open = None;
        report.broken(shared.start.elapsed(), failure);
        sleep(Duration::from_millis(10)).await; // a gateway that is down must not become a busy loop
    }
    report
}

/// One request and its reply.
async fn exchange(
    open: &mut Option<(Connection, Vec<u8>)>,
    shared: &Shared,
    request: &str,
    report: &mut Report,
) -> io::Result<()> {
    let (mut stream, mut buffer) = match open.take() {
        Some(connection) => connection,
        None => (shared.endpoint.connect().await?, Vec::with_capacity(2_048)),
    };
    let began = Instant::now();
    stream.write_all(request.as_bytes()).await?;
    let reply = read(&mut stream, &mut buffer).await?;
    note(report, shared, began, &reply, &buffer);
    let refused = reply.status != 201;
    if !reply.close {
        buffer.clear();
        *open = Some((stream, buffer));
    }
    if refused && !shared.pause.is_zero() {
        sleep(shared.pause).await;
    }
    Ok(())
}

async fn read(stream: &mut Connection, buffer: &mut Vec<u8>) -> io::Result<Reply> {
    loop {
        if let Some(reply) = reply::parse(buffer)? {
            return Ok(reply);
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn note(report: &mut Report, shared: &Shared, began: Instant, reply: &Reply, buffer: &[u8]) {
    let ended = Instant::now();
    let body = buffer.get(reply.body.clone()).unwrap_or_default();
    *report.statuses.entry(reply.status).or_default() += 1;
    report.longest = report.longest.max(ended.duration_since(began));
    if reply.status == 201 {
        shared.answered.fetch_add(1, Ordering::Relaxed);
        report.ids.extend(reply::id(body));
        if began >= shared.begin && shared.end.is_none_or(|end| ended <= end) {
            let micros = ended.duration_since(began).as_micros();
            report.latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
    } else {
        let text: String = String::from_utf8_lossy(body).chars().take(400).collect();
        report.failed(shared.start.elapsed(), format!("{} {text}", reply.status));
    }
    if shared.keep_bodies {
        report.bodies.push((reply.status, String::from_utf8_lossy(body).into_owned()));
    }
}
