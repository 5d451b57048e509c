//! Stages of a run: each says its name, how it ended and how long it took.

use std::io::{IsTerminal, stdout};
use std::time::Instant;

use xtask::Failure;

/// The stages so far.
#[derive(Default)]
pub(super) struct Stages {
    failed: Vec<&'static str>,
    skipped: Vec<&'static str>,
}

impl Stages {
    /// Runs a stage. `check` returns whether it passed, or `None` when its tools are not installed.
    /// Returns whether the next stage may begin.
    ///
    /// # Errors
    /// The stage could not be run.
    pub(super) async fn run(
        &mut self,
        name: &'static str,
        check: impl Future<Output = Result<Option<bool>, Failure>>,
    ) -> Result<bool, Failure> {
        println!("{}", paint("1", &format!("── {name}")));
        let began = Instant::now();
        let passed = check.await?;
        let word = match passed {
            Some(true) => paint("32", "ok"),
            Some(false) => paint("1;31", "FAILED"),
            None => paint("1;33", "SKIPPED: its tools are not all installed; --install does it"),
        };
        println!("── {name}: {word} in {:.1} s\n", began.elapsed().as_secs_f64());
        match passed {
            Some(true) => {}
            Some(false) => self.failed.push(name),
            None => self.skipped.push(name),
        }
        Ok(passed != Some(false))
    }

    /// Whether every stage passed or was skipped; says which did not.
    pub(super) fn passed(&self) -> bool {
        for (names, what) in [(&self.skipped, "skipped"), (&self.failed, "FAILED")] {
            if !names.is_empty() {
                println!("{what}: {}", names.join(", "));
            }
        }
        self.failed.is_empty()
    }
}

fn paint(colour: &str, text: &str) -> String {
    if stdout().is_terminal() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_stage_fails_the_run_and_a_skipped_one_does_not() {
        let mut stages = Stages::default();
        assert!(stages.run("fmt", async { Ok(Some(true)) }).await.unwrap());
        assert!(stages.run("deny", async { Ok(None) }).await.unwrap());
        assert!(stages.passed());
        assert!(!stages.run("doc", async { Ok(Some(false)) }).await.unwrap());
        assert!(!stages.passed());
    }
}
