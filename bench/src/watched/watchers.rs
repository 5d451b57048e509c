//! Who watches: a scraper of every process, and a browser with the operations page.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::system::Instance;

/// How often each process is scraped: more often than the delivered Prometheus does it.
const EVERY: Duration = Duration::from_secs(1);
/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// They watch until they are dropped.
pub(super) struct Watchers {
    _tasks: JoinSet<()>,
    /// How often each process was scraped, and how often the page was drawn.
    counts: Vec<Arc<AtomicU64>>,
}

impl Watchers {
    /// Begins to watch these processes.
    pub(super) fn of(instances: &[Instance]) -> Self {
        let (mut tasks, mut counts) = (JoinSet::new(), Vec::new());
        for addr in instances.iter().filter_map(Instance::status) {
            let count = Arc::default();
            counts.push(Arc::clone(&count));
            tasks.spawn(scrape(addr, count));
        }
        for addr in instances.iter().filter_map(Instance::addr) {
            let count = Arc::default();
            counts.push(Arc::clone(&count));
            tasks.spawn(look(addr, count));
        }
        Self { _tasks: tasks, counts }
    }

    /// How often the one that saw least has seen something.
    pub(super) fn least(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Relaxed)).min().unwrap_or_default()
    }
}

/// Scrapes one process, as Prometheus does.
async fn scrape(addr: SocketAddr, count: Arc<AtomicU64>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if matches!(timeout(PATIENCE, metrics(addr)).await, Ok(Ok(page)) if page.ends_with("# EOF\n"))
        {
            count.fetch_add(1, Relaxed);
        }
    }
}

async fn metrics(addr: SocketAddr) -> io::Result<String> {
    let mut page = String::new();
    get(addr, "/metrics").await?.read_to_string(&mut page).await?;
    Ok(page)
}

/// Keeps the operations page open.
async fn look(addr: SocketAddr, count: Arc<AtomicU64>) {
    loop {
        if let Ok(stream) = get(addr, "/operations/events").await {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Ok(Some(line))) = timeout(PATIENCE, lines.next_line()).await {
                count.fetch_add(u64::from(line == "event: operations"), Relaxed);
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// HTTP/1.0: the reply ends with the connection.
async fn get(addr: SocketAddr, path: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {addr}\r\n\r\n").as_bytes()).await?;
    Ok(stream)
}
