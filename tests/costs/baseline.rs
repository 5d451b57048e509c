//! The committed costs, and the comparison with them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a mission may cost more than in the baseline.
pub(crate) const MARGIN: f64 = 0.03;

/// What a mission costs.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Costs {
    /// Allocations on the thread of the pipeline: all roles, and the gateway's HTTP. SQLite has a
    /// thread of its own.
    pub(crate) allocations: f64,
    /// Messages that the pipeline publishes, events included.
    pub(crate) messages: f64,
}

impl Costs {
    /// What is dearer here.
    pub(crate) fn dearer_than(&self, before: &Self) -> Vec<&'static str> {
        let costs = [
            ("allocations", self.allocations, before.allocations),
            ("messages", self.messages, before.messages),
        ];
        let dearer = |(name, now, before)| (now > before * (1.0 + MARGIN)).then_some(name);
        costs.into_iter().filter_map(dearer).collect()
    }
}

/// The committed costs of this name.
pub(crate) fn baseline(name: &str) -> Costs {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/costs/baseline.json");
    let text = std::fs::read_to_string(file).unwrap();
    let costs: BTreeMap<String, Costs> = serde_json::from_str(&text).unwrap();
    *costs.get(name).unwrap()
}
