//! What is asked at the end, when everything is whole again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::process::poll;
use tokio::runtime::Handle;

use crate::callers::Http;
use crate::evidence::{Probe, Replay, queues};
use crate::failure::Failure;
use crate::history::{History, Mission, Outcome, Told};
use crate::system::System;

/// How long the queues may take until they are empty.
const DRAIN: Duration = Duration::from_secs(60);
/// How many keys are asked for again.
const REPLAYS: usize = 100;
/// The callers of this module, in the history.
const PROBER: u32 = 1_000;

/// Waits until nothing is in the queues and nobody is held. What is left is for the judge.
pub(crate) fn await_rest(system: &System) {
    let _ = poll(DRAIN, || {
        let empty = queues(system).ok()?.iter().all(|queue| queue.messages == 0);
        let held = crate::evidence::parts(system).iter().any(|part| part.held > 0.0);
        (empty && !held).then_some(())
    });
}

/// One mission of each gateway.
pub(crate) fn probes(system: &System, history: &Arc<History>, runtime: &Handle) -> Vec<Probe> {
    let probe = |gateway: &crate::system::Part| {
        let url = gateway.url();
        let ready = gateway.await_ready().is_ok();
        let began = Instant::now();
        let mut http = Http::new(PROBER, vec![url.clone()], Arc::clone(history));
        let stored = matches!(runtime.block_on(http.ask(None, None)), Outcome::Stored(_));
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Probe { gateway: url, ready, stored, millis }
    };
    system.gateways().map(probe).collect()
}

/// Asks for keys again that had their missions.
///
/// # Errors
/// There is no gateway.
pub(crate) fn replays(
    system: &System,
    told: &[Told],
    runtime: &Handle,
) -> Result<Vec<Replay>, Failure> {
    let own = Arc::new(History::new()); // not part of what is judged as a caller's history
    let gateways: Vec<String> = system.gateways().map(crate::system::Part::url).collect();
    let mut http = Http::new(PROBER, gateways, own);
    let keyed = told.iter().filter_map(|told| match (&told.key, &told.outcome) {
        (Some(key), Outcome::Stored(missions)) => Some((key, missions, told.count)),
        _ => None,
    });
    let mut again = |(key, before, count): (&String, &Vec<Mission>, usize)| Replay {
        before: before.clone(),
        after: runtime.block_on(http.ask(Some(count), Some(key))),
    };
    Ok(keyed.take(REPLAYS).map(&mut again).collect())
}
