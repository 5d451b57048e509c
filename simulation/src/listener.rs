//! A listener to new missions, on one gateway.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use gateway::Answer;
use schemas::{CreatedAt, Mission, MissionId};

use crate::callers::call;
use crate::system::System;
use crate::time::clock;

/// What a listener has heard.
#[derive(Default)]
pub(crate) struct Heard(Mutex<State>);

#[derive(Default)]
struct State {
    missions: BTreeSet<MissionId>,
    /// Since when it listens; `None` when its stream has ended.
    since: Option<CreatedAt>,
}

impl Heard {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rows that it should have heard of and has not.
    pub(crate) fn missed<'r>(&self, rows: impl Iterator<Item = &'r Mission>) -> Vec<MissionId> {
        self.with(|state| {
            let Some(since) = state.since else { return Vec::new() };
            let due = rows.filter(|row| row.created_at > since);
            due.map(|row| row.id).filter(|id| !state.missions.contains(id)).collect()
        })
    }
}

/// Listens until the stream ends.
pub(crate) async fn listen(system: Arc<System>, heard: Arc<Heard>) {
    let Some(gateway) = system.gateway(0) else { return };
    let Ok(mut stream) = call(&system, 0, "GET", "/missions/events", vec![], vec![]).await else {
        return;
    };
    if stream.status() != 200 {
        return;
    }
    heard.with(|state| state.since = Some(CreatedAt::truncated(clock())));
    tokio::select! {
        biased;
        () = gateway.closed() => {} // the connection ends with its gateway
        () = hear(&system, &heard, &mut stream) => {}
    }
    heard.with(|state| state.since = None);
}

async fn hear(system: &System, heard: &Heard, stream: &mut Answer) {
    let mut text = String::new();
    while let Some(piece) = stream.next().await {
        text.push_str(&String::from_utf8_lossy(&piece));
        while let Some(end) = text.find('\n') {
            let line: String = text.drain(..=end).collect();
            let data = line.strip_prefix("data: ").map(serde_json::from_str::<Mission>);
            if let Some(Ok(mission)) = data {
                crate::rows::stands(system, std::slice::from_ref(&mission));
                heard.with(|state| state.missions.insert(mission.id));
            }
        }
    }
}
