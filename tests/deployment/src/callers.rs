//! Callers who ask for missions through nginx, without keys, until they are told to stop.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use xtask::Failure;

/// Longer than a gateway makes anybody wait.
const PATIENCE: Duration = Duration::from_secs(70);

/// Callers at work.
pub(crate) struct Callers {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    tasks: JoinSet<Answers>,
}

/// What they were answered.
#[derive(Default)]
pub(crate) struct Answers {
    codes: BTreeMap<u16, u64>,
    /// Answers other than 201, and connections that broke; with when, in seconds since the start.
    pub(crate) failures: Vec<String>,
    /// The ids of missions that were answered with 201, 32 hexadecimal digits each.
    pub(crate) ids: BTreeSet<String>,
    /// The longest that one of them waited.
    pub(crate) longest: Duration,
}

impl Callers {
    /// Starts so many, each on a connection of its own, to the nginx of the machine at `address`.
    ///
    /// # Errors
    /// The authority's certificate cannot be read.
    pub(crate) fn start(
        address: &str,
        authority: &Path,
        connections: usize,
    ) -> Result<Self, Failure> {
        let _ = rustls::crypto::ring::default_provider().install_default(); // the client insists on one
        let certificate = reqwest::Certificate::from_pem(&std::fs::read(authority)?)?;
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let client = reqwest::Client::builder()
                .no_proxy()
                .http1_only()
                .retry(reqwest::retry::never())
                .timeout(PATIENCE)
                .add_root_certificate(certificate.clone())
                .resolve("localhost", std::net::SocketAddr::new(address.parse()?, 443))
                .build()?;
            tasks.spawn(ask(client, Arc::clone(&stop), Arc::clone(&answered)));
        }
        Ok(Self { stop, answered, tasks })
    }

    /// How many were answered with 201 so far.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more were answered.
    ///
    /// # Errors
    /// It did not come to that within `patience`.
    pub(crate) async fn await_more(&self, more: u64, patience: Duration) -> Result<(), Failure> {
        let (began, goal) = (Instant::now(), self.answered() + more);
        while self.answered() < goal {
            if began.elapsed() > patience {
                let short = goal - self.answered();
                return Err(
                    format!("{short} of {more} answers are missing after {patience:?}").into()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Lets each finish its request, and gathers what they were answered.
    pub(crate) async fn stop(mut self) -> Answers {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Answers::default();
        while let Some(part) = self.tasks.join_next().await {
            all.add(part.unwrap_or_default());
        }
        all
    }
}

async fn ask(client: reqwest::Client, stop: Arc<AtomicBool>, answered: Arc<AtomicU64>) -> Answers {
    let (mut answers, start) = (Answers::default(), Instant::now());
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let sent = client.post("https://localhost/missions").send().await;
        let code = sent.as_ref().map_or(0, |reply| reply.status().as_u16());
        let body = match sent {
            Ok(reply) => reply.text().await.map_err(|error| format!("{error:?}")),
            Err(error) => Err(format!("{error:?}")),
        };
        answers.longest = answers.longest.max(began.elapsed());
        *answers.codes.entry(code).or_default() += 1;
        match body {
            Ok(body) if code == 201 => {
                answered.fetch_add(1, Ordering::Relaxed);
                answers.ids.extend(id(&body));
                continue;
            }
            Ok(body) => answers.failed(start, format!("{code} {body}")),
            Err(error) => answers.failed(start, error),
        }
        tokio::time::sleep(Duration::from_millis(50)).await; // nobody hammers a door that is shut
    }
    answers
}

/// The first `"id"` in a body.
fn id(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("\"id\":\"")?;
    Some(rest.split_once('"')?.0.replace('-', ""))
}

impl Answers {
    fn failed(&mut self, start: Instant, why: String) {
        let text: String = why.chars().take(400).collect();
        self.failures.push(format!("after {:.1} s: {text}", start.elapsed().as_secs_f64()));
    }

    fn add(&mut self, other: Self) {
        self.failures.extend(other.failures);
        self.ids.extend(other.ids);
        self.longest = self.longest.max(other.longest);
        for (code, count) in other.codes {
            *self.codes.entry(code).or_default() += count;
        }
    }

    /// How many requests there were.
    pub(crate) fn count(&self) -> u64 {
        self.codes.values().sum()
    }

    /// An error if one failed, with the first of them.
    pub(crate) fn without_failure(&self) -> Result<(), Failure> {
        let Some(first) = self.failures.first() else { return Ok(()) };
        Err(format!("{self}; the first {first}").into())
    }
}

/// As in `9998 of 10000 with 201, 2 failed (503: 2)`; 0 is no answer.
impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let good = self.codes.get(&201).copied().unwrap_or(0);
        write!(f, "{good} of {} with 201, {} failed", self.count(), self.failures.len())?;
        let others = self.codes.iter().filter(|(code, _)| **code != 201);
        let others: Vec<String> = others.map(|(code, n)| format!("{code}: {n}")).collect();
        let others =
            if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
        write!(f, "{others}, the longest wait {:.1} s", self.longest.as_secs_f64())
    }
}
