//! Prometheus, as it is deployed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::composition::Composition;
use crate::facts::expect;
use xtask::Failure;

/// Counts the processes of each role that answer.
pub(crate) const QUERY: [&str; 5] =
    ["promtool", "query", "instant", "http://127.0.0.1:9090", "count by (job) (up == 1)"];

/// Longer than it takes to find a process and to ask it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// How many processes of each role an answer of `promtool` counts: lines `{job="decider"} => 2 @[…]`.
pub(crate) fn counted(said: &str) -> BTreeMap<String, usize> {
    let each = said.lines().filter_map(|line| {
        let (job, rest) = line.strip_prefix("{job=\"")?.split_once("\"} => ")?;
        Some((job.to_owned(), rest.split(' ').next()?.parse().ok()?))
    });
    each.collect()
}

/// It finds these replicas of each service, and its alerts are right.
pub(crate) async fn sees(c: &Composition, replicas: &[(&str, usize)]) -> Result<String, Failure> {
    c.compose(&["--profile", "watch", "up", "--detach", "--wait", "prometheus"]).await?;
    let inside = ["exec", "-T", "prometheus"];
    let check = ["promtool", "check", "config", "/etc/spymission/prometheus.yml"];
    c.compose(&[&inside[..], &check].concat()).await?;
    let wanted: BTreeMap<_, _> =
        replicas.iter().map(|(role, count)| ((*role).to_owned(), *count)).collect();
    let begun = Instant::now();
    loop {
        let seen = counted(&c.compose(&[&inside[..], &QUERY].concat()).await?);
        if seen == wanted {
            break;
        }
        expect(begun.elapsed() < PATIENCE, || format!("it sees {seen:?}, not {wanted:?}"))?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let time = begun.elapsed().as_secs_f64();
    c.compose(&["--profile", "watch", "rm", "--stop", "--force", "prometheus"]).await?;
    Ok(format!("all {} processes after {time:.0} s", wanted.values().sum::<usize>()))
}
