//! What is measured, and how long it takes until everything is.

use std::time::Duration;

use super::options::Options;
use super::plan::{Step, round};

/// What a step takes beside its load: looks at processes, a start.
const BESIDE: Duration = Duration::from_millis(700);

/// Says on standard error what is measured.
pub(crate) struct Progress {
    step: usize,
    steps: usize,
    each: Duration,
}

impl Progress {
    /// For a run with these options.
    pub(crate) fn new(options: &Options) -> Self {
        let steps = (0..options.rounds()).map(|number| round(options, number).len()).sum();
        Self { step: 0, steps, each: options.time() + options.warm_up() + BESIDE }
    }

    /// Something that is no step: what it is, and how long it may take.
    pub(crate) fn say(&self, what: &str) {
        eprintln!("{what}");
    }

    /// A step begins.
    pub(crate) fn begin(&mut self, number: u32, step: Step) {
        let left = self.each * u32::try_from(self.steps - self.step).unwrap_or(u32::MAX);
        self.step += 1;
        let (step, steps, title) = (self.step, self.steps, step.title());
        eprint!("[{step:>3}/{steps}, {:>7} left] round {}: {title}: ", about(left), number + 1);
    }

    /// It is done.
    pub(crate) fn done(&self, outcome: &str) {
        eprintln!("{outcome}");
    }
}

fn about(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
