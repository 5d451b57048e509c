//! The report of a run, in Markdown and JSON.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::failure::Failure;
use crate::history::Told;
use crate::judge::{SHOWN, Verdict};
use crate::measures::Cost;

/// Everything that a run says.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) again: String,
    pub(crate) callers: u32,
    pub(crate) requests: usize,
    pub(crate) missions: usize,
    pub(crate) skipped: Vec<(String, String)>,
    pub(crate) costs: Vec<Cost>,
    pub(crate) verdicts: Vec<Verdict>,
}

/// The longest stall and recovery of one kind of fault, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Worst {
    /// How often it was made.
    pub(crate) times: usize,
    /// The longest time without a mission over HTTP.
    pub(crate) stall_http: u64,
    /// The same over AMQP.
    pub(crate) stall_amqp: u64,
    /// The longest time from its end until both ways served again.
    pub(crate) recovery: u64,
    /// The most missions that were promised and are gone.
    pub(crate) lost: usize,
}

impl Report {
    /// Whether every invariant holds, every fault could be made, and the system came back from each.
    pub(crate) fn holds(&self) -> bool {
        let back = |cost: &Cost| cost.recovery.is_some() && cost.fault.trouble.is_none();
        self.verdicts.iter().all(|verdict| verdict.wrong.is_empty())
            && self.costs.iter().all(back)
            && self.too_long().is_empty()
    }

    /// Faults in which callers stood still for too long.
    fn too_long(&self) -> Vec<&Cost> {
        let stood = |cost: &&Cost| {
            let longest = cost.fault.longest.unwrap_or(u64::MAX);
            cost.stall_http.max(cost.stall_amqp) > longest
        };
        self.costs.iter().filter(stood).collect()
    }

    /// The worst of each kind, by name.
    pub(crate) fn results(&self) -> BTreeMap<String, Worst> {
        let mut all: BTreeMap<String, Worst> = BTreeMap::new();
        for cost in &self.costs {
            let worst = all.entry(cost.fault.name.clone()).or_default();
            worst.times += 1;
            worst.stall_http = worst.stall_http.max(cost.stall_http);
            worst.stall_amqp = worst.stall_amqp.max(cost.stall_amqp);
            worst.lost = worst.lost.max(cost.lost);
            worst.recovery = worst.recovery.max(cost.recovery.unwrap_or(u64::MAX));
        }
        all
    }

    /// Writes `report.md`, `report.json` and `history.json`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn write(&self, out: &Path, told: &[Told]) -> Result<(), Failure> {
        std::fs::create_dir_all(out)?;
        std::fs::write(out.join("report.md"), self.markdown())?;
        std::fs::write(out.join("report.json"), serde_json::to_vec_pretty(self)?)?;
        Ok(std::fs::write(out.join("history.json"), serde_json::to_vec(told)?)?)
    }

    pub(crate) fn markdown(&self) -> String {
        let results = self.results();
        let mut page = format!(
            "# Chaos\n\n{} faults of {} kinds under {} callers: {} requests, {} missions stored.\n\n\
             Repeat it with `{}`.\n\n| | Invariant | Looked at | Broken | Not seen from outside |\n|---|---|---|---|---|\n",
            self.costs.len(),
            results.len(),
            self.callers,
            self.requests,
            self.missions,
            self.again
        );
        for Verdict { id, what, looked, wrong, unseen } in &self.verdicts {
            page += &format!("| {id} | {what} | {looked} | {} | {unseen} |\n", wrong.len());
        }
        page += "\n| Fault | Times | Longest stall HTTP, ms | AMQP, ms | Back after, ms | Promised and gone |\n|---|---|---|---|---|---|\n";
        for (name, worst) in &results {
            let Worst { times, stall_http, stall_amqp, recovery, lost } = worst;
            let recovery =
                if *recovery == u64::MAX { "never".to_owned() } else { recovery.to_string() };
            page += &format!(
                "| {name} | {times} | {stall_http} | {stall_amqp} | {recovery} | {lost} |\n"
            );
        }
        for (kind, why) in &self.skipped {
            page += &format!("\nSkipped: {kind}: {why}.\n");
        }
        for cost in &self.costs {
            if let Some(trouble) = &cost.fault.trouble {
                page += &format!("\nTrouble: {}: {trouble}\n", cost.fault.name);
            }
        }
        for Cost { fault, stall_http, stall_amqp, .. } in self.too_long() {
            let (name, longest) = (&fault.name, fault.longest.unwrap_or_default());
            page += &format!(
                "\nTOO LONG: {name}: {stall_http} ms over HTTP, {stall_amqp} ms over AMQP; at most {longest} ms\n"
            );
        }
        for verdict in &self.verdicts {
            for wrong in verdict.wrong.iter().take(SHOWN) {
                page += &format!("\nBROKEN {}: {wrong}\n", verdict.id);
            }
        }
        page
    }
}
