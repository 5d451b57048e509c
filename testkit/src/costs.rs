//! The committed costs, and the comparison with them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

/// Costs by what costs it, and then by what is counted: `{"decide a list": {"allocations": 519}}`.
pub type Costs = BTreeMap<String, BTreeMap<String, f64>>;

/// The file with the committed costs.
pub const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../costs/baseline.json");

/// How much dearer something may be, as a part of the baseline: how its name begins, what is counted,
/// and the part. What is not listed is exact.
const TOLERANCES: [(&str, &str, f64); 5] = [
    // Whether a task waits for the thread of SQLite varies.
    ("persist", "allocations", 0.01),
    ("every role", "allocations", 0.01),
    // Hash seeds and random ids are part of the work, and timers fire meanwhile.
    ("", "instructions", 0.03),
    // Servers flush for several commits at once, and for themselves.
    ("", "broker flushes", 0.25),
    ("", "database flushes", 0.25),
];

/// What became of a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As before, or cheaper.
    Ok,
    /// Cheaper by so much that the baseline hides what gets dearer next. It is no failure.
    Cheaper,
    /// Dearer.
    Dearer,
    /// It is not in the baseline.
    New,
    /// It is in the baseline, and nothing counts it any more.
    Gone,
}

/// One cost, before and now.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What costs it.
    pub name: String,
    /// What is counted.
    pub unit: String,
    /// In the baseline.
    pub before: Option<f64>,
    /// Now.
    pub now: Option<f64>,
    /// What became of it.
    pub verdict: Verdict,
}

impl Compared {
    /// Whether the baseline refuses it.
    pub fn is_refused(&self) -> bool {
        matches!(self.verdict, Verdict::Dearer | Verdict::New | Verdict::Gone)
    }

    /// By what part it is dearer than before.
    pub fn change(&self) -> Option<f64> {
        let (before, now) = self.before.zip(self.now)?;
        (before > 0.0).then(|| now / before - 1.0)
    }
}

/// The committed costs.
///
/// # Errors
/// The file cannot be read.
pub fn baseline() -> io::Result<Costs> {
    read(&fs::read_to_string(BASELINE)?)
}

/// Reads costs as [`write()`] and the binaries that count write them.
///
/// # Errors
/// They are no costs.
pub fn read(text: &str) -> io::Result<Costs> {
    Ok(serde_json::from_str(text)?)
}

/// Writes costs.
///
/// # Errors
/// The file cannot be written.
pub fn write(file: &Path, costs: &Costs) -> io::Result<()> {
    let whole = |cost: &f64| if cost.fract() == 0.0 { json!(*cost as u64) } else { json!(cost) };
    let units = |costs: &BTreeMap<String, f64>| -> Value {
        costs.iter().map(|(unit, cost)| (unit.clone(), whole(cost))).collect()
    };
    let costs: Value = costs.iter().map(|(name, costs)| (name.clone(), units(costs))).collect();
    fs::write(file, serde_json::to_string_pretty(&costs)? + "\n")
}

/// Those of these costs that are counted in such units.
pub fn in_units(costs: &Costs, is_wanted: impl Fn(&str) -> bool) -> Costs {
    let mut costs = costs.clone();
    costs.values_mut().for_each(|costs| costs.retain(|unit, _| is_wanted(unit)));
    costs.retain(|_, costs| !costs.is_empty());
    costs
}

/// Adds `more` to `costs`.
pub fn merge(costs: &mut Costs, more: Costs) {
    for (name, more) in more {
        costs.entry(name).or_default().extend(more);
    }
}

/// Compares each cost, in the order of their names.
pub fn compare(before: &Costs, now: &Costs) -> Vec<Compared> {
    let mut names = before.clone();
    merge(&mut names, now.clone());
    let cost = |costs: &Costs, name: &str, unit: &str| costs.get(name)?.get(unit).copied();
    let compared =
        names.iter().flat_map(|(name, units)| units.keys().map(move |unit| (name, unit)));
    compared
        .map(|(name, unit)| {
            let (before, now) = (cost(before, name, unit), cost(now, name, unit));
            let verdict = judge(name, unit, before, now);
            Compared { name: name.clone(), unit: unit.clone(), before, now, verdict }
        })
        .collect()
}

fn tolerance(name: &str, unit: &str) -> f64 {
    let fits =
        |(begins, counted, _): &&(&str, &str, f64)| name.starts_with(begins) && *counted == unit;
    TOLERANCES.iter().find(fits).map_or(0.0, |(_, _, tolerance)| *tolerance)
}

fn judge(name: &str, unit: &str, before: Option<f64>, now: Option<f64>) -> Verdict {
    let tolerance = tolerance(name, unit);
    match (before, now) {
        (None, _) => Verdict::New,
        (Some(_), None) => Verdict::Gone,
        (Some(before), Some(now)) if now > before * (1.0 + tolerance) => Verdict::Dearer,
        (Some(before), Some(now)) if now < before * (1.0 - tolerance) => Verdict::Cheaper,
        (Some(_), Some(_)) => Verdict::Ok,
    }
}

#[cfg(test)]
mod tests;
