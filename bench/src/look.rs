//! Two looks at a system, before a load and after it.

use std::time::Duration;

use load::Report;

use super::metrics::{Seen, histogram, pages};
use super::results::Sample;
use super::system::{Cpu, System};

/// What a system has used and done so far.
#[derive(Default)]
pub(crate) struct Look {
    cpu: Cpu,
    batches: Seen,
    statements: Seen,
}

impl Look {
    /// Looks now.
    pub(crate) fn at(system: &dyn System) -> Self {
        let pages = pages(system);
        Self {
            cpu: system.cpu(),
            batches: histogram(&pages, "spymission_batch_missions", "role=\"gateway\""),
            statements: histogram(&pages, "spymission_statement_rows", ""),
        }
    }

    /// What a load has measured, and what it has cost since this look.
    pub(crate) fn sample(&self, system: &dyn System, report: &Report) -> Sample {
        let now = Self::at(system);
        let replies = report.good().max(1) as f64;
        let used = now.cpu.iter().map(|(name, used)| {
            let before = self.cpu.iter().find(|(other, _)| other == name);
            let used = used.saturating_sub(before.map_or(Duration::ZERO, |before| before.1));
            (name.clone(), used.as_secs_f64() * 1e6 / replies)
        });
        Sample {
            cpu: used.collect(),
            batch: now.batches.mean_since(self.batches),
            rows: now.statements.mean_since(self.statements),
            memory: system.memory("VmRSS"),
            ..alone(report)
        }
    }
}

/// What a load has measured.
pub(crate) fn alone(report: &Report) -> Sample {
    let [p50, p99, p99_9] = [0.5, 0.99, 0.999].map(|share| report.quantile(share));
    let (errors, replies) = (report.failures(), report.good());
    Sample { rate: report.rate(), p50, p99, p99_9, errors, replies, ..Sample::default() }
}
