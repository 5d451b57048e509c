//! What became of the missions that were requested during a drill, bounded.

use std::collections::HashMap;
use std::time::Duration;

use schemas::drills::DrillCounts;
use schemas::{CreatedAt, Mission, MissionId};
use tokio::time::Instant;

/// The most missions that are counted.
pub(super) const MOST: usize = 10_000;
/// For how long after the last drill requests are still counted: a drill may be over in no time.
const AFTERWARDS: Duration = Duration::from_secs(5);
/// How long after the last drill a mission may take. Whatever was lost on the way is asked for again
/// every 30 s.
const SETTLES: Duration = Duration::from_secs(90);

/// The missions of a drill.
#[derive(Default)]
pub(super) struct Ledger {
    since: Option<CreatedAt>,
    missions: HashMap<MissionId, Entry>,
    /// Whether missions were left out, because there were too many.
    pub(super) is_full: bool,
    /// Rows of the table that are second ones.
    second_rows: u64,
    /// Since when no drill lasts.
    calm: Option<Instant>,
    /// Whether everything is over.
    settled: bool,
}

/// What is known of one mission.
#[derive(Default)]
struct Entry {
    /// Whether the caller was told 201 or 202. Otherwise it waits, or has hung up.
    accepted: bool,
    stored: bool,
    /// The first of what was seen of it: in the table, or announced.
    seen: Option<Mission>,
    /// Whether something else was seen of it later.
    differs: bool,
}

impl Entry {
    fn see(&mut self, mission: &Mission) {
        match &self.seen {
            Some(seen) => self.differs |= seen != mission,
            None => self.seen = Some(mission.clone()),
        }
    }
}

impl Ledger {
    /// A drill begins. It is counted together with those that are not over.
    pub(super) fn begin(&mut self, now: CreatedAt) {
        if self.since.is_none() || self.settled {
            *self = Self { since: Some(now), ..Self::default() };
        }
        self.calm = None;
    }

    /// Whether new requests are counted.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        let calm = self.calm.map(|calm| now.saturating_duration_since(calm));
        self.since.is_some() && calm.is_none_or(|calm| calm < AFTERWARDS)
    }

    /// Somebody requests these missions.
    pub(super) fn requested(&mut self, ids: &[MissionId]) {
        if self.missions.len() + ids.len() > MOST {
            self.is_full = true;
            return;
        }
        for id in ids {
            self.missions.entry(*id).or_default();
        }
    }

    /// The caller of these missions was told of them.
    pub(super) fn accepted(&mut self, ids: &[MissionId]) {
        for id in ids {
            if let Some(entry) = self.missions.get_mut(id) {
                entry.accepted = true;
            }
        }
    }

    /// The caller of these missions was refused: nobody promised them.
    pub(super) fn refused(&mut self, ids: &[MissionId]) {
        for id in ids {
            if self.missions.get(id).is_some_and(|entry| !entry.accepted) {
                self.missions.remove(id);
            }
        }
    }

    /// A persister announces that it has stored this mission. It may do so several times.
    pub(super) fn announced(&mut self, mission: &Mission) {
        if let Some(entry) = self.missions.get_mut(&mission.id) {
            entry.see(mission);
        }
    }

    /// The missions without a row, as far as it is known; none when everything is over.
    pub(super) fn without_row(&self) -> Vec<MissionId> {
        let missing = self.missions.iter().filter(|(_, entry)| !entry.stored && !self.settled);
        missing.map(|(id, _)| *id).collect()
    }

    /// These missions were found in this many rows of the table.
    pub(super) fn found(&mut self, missions: &[Mission], rows: usize) {
        self.second_rows += rows.saturating_sub(missions.len()) as u64;
        for mission in missions {
            if let Some(entry) = self.missions.get_mut(&mission.id) {
                entry.stored = true;
                entry.see(mission);
            }
        }
    }

    /// Notes whether a drill lasts, and whether everything is over.
    pub(super) fn note(&mut self, lasts: bool, now: Instant) {
        self.calm = if lasts { None } else { self.calm.or(Some(now)) };
        let Some(calm) = self.calm else { return };
        let is_late = now.saturating_duration_since(calm) >= SETTLES;
        let is_over = !self.is_open(now) && self.missions.values().all(|entry| entry.stored);
        self.settled |= is_late || is_over;
    }

    /// What is counted so far.
    pub(super) fn counts(&self) -> Option<DrillCounts> {
        let accepted = || self.missions.values().filter(|entry| entry.accepted);
        let stored = accepted().filter(|entry| entry.stored).count() as u64;
        let differing = self.missions.values().filter(|entry| entry.differs).count() as u64;
        let accepted = accepted().count() as u64;
        Some(DrillCounts {
            since: self.since?,
            accepted,
            stored,
            lost: self.settled.then(|| accepted - stored),
            doubled: self.settled.then(|| self.second_rows + differing),
        })
    }
}

#[cfg(test)]
mod tests;
