//! One connection of a load: it has one request at a time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use super::endpoint::Connection;
use super::reply::{self, Reply};
use super::shared::{Due, Shared};

/// Longer than a gateway lets a caller wait, also behind nginx.
const PATIENCE: Duration = Duration::from_secs(70);

/// The most bytes of a reply; one mission needs a few hundred.
const MOST: usize = 1 << 20;

/// Sends requests until the load ends, on a new connection when the old one was closed. Connections
/// have numbers, so that each begins with another of the requests.
pub(super) async fn ask(shared: Arc<Shared>, number: usize) {
    let requests = shared.load.endpoint.requests();
    let mut turns = requests.iter().cycle().skip(number % requests.len().max(1));
    let mut open = None;
    while let Some(due) = shared.next().await {
        let Some(request) = turns.next() else { return };
        let asked = timeout(PATIENCE, exchange(&mut open, &shared, request, due)).await;
        let failure = match asked {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no reply within {PATIENCE:?}"),
        };
        open = None;
        shared.report().broken(shared.start.elapsed(), failure);
        sleep(Duration::from_millis(10)).await; // a gateway that is down must not become a busy loop
    }
}

/// One request and its reply.
async fn exchange(
    open: &mut Option<(Connection, Vec<u8>)>,
    shared: &Shared,
    request: &str,
    due: Due,
) -> io::Result<()> {
    let (mut stream, mut buffer) = match open.take() {
        Some(connection) => connection,
        None => (shared.load.endpoint.connect().await?, Vec::with_capacity(2_048)),
    };
    let sent = Instant::now();
    let began = due.at.unwrap_or(sent);
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let reply = read(&mut stream, &mut buffer).await?;
    note(shared, (began, sent), &reply, &buffer);
    let refused = reply.status != shared.wanted.0;
    if !reply.close {
        buffer.clear();
        *open = Some((stream, buffer));
    }
    if refused && !shared.load.pause.is_zero() {
        sleep(shared.load.pause).await;
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
        if buffer.len() > MOST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a reply of more than 1 MiB"));
        }
    }
}

/// Notes a reply: when its request was due, and when it was sent.
fn note(shared: &Shared, (began, sent): (Instant, Instant), reply: &Reply, buffer: &[u8]) {
    let ended = Instant::now();
    let latency = ended.saturating_duration_since(began);
    let body = buffer.get(reply.body.clone()).unwrap_or_default();
    let text = |most| String::from_utf8_lossy(body).chars().take(most).collect::<String>();
    let good = reply.status == shared.wanted.0;
    let id = (reply.status == 201 && shared.load.keep_ids).then(|| reply::id(body)).flatten();
    let kept = shared.load.keep_bodies.then(|| (reply.status, text(usize::MAX)));
    let mut report = shared.report();
    report.replied(reply.status, latency);
    report.ids.extend(id);
    report.bodies.extend(kept);
    if !good {
        if began >= shared.begin && reply.status >= 400 {
            report.refused(ended.saturating_duration_since(sent));
        }
        report.failed(shared.start.elapsed(), format!("{} {}", reply.status, text(400)));
        return;
    }
    shared.answered.fetch_add(1, Ordering::Relaxed);
    if shared.counts(began, ended) {
        let in_time = shared.end.is_none_or(|end| ended <= end);
        report.took(latency, in_time);
    }
}
