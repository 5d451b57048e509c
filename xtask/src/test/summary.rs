//! What is printed about the stages, and the count of tests.

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How a stage ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Result {
    Ok,
    Failed,
    Skipped,
}

/// The stages so far.
#[derive(Default)]
pub(super) struct Summary {
    stages: Vec<(&'static str, Result, Duration)>,
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Summary {
    pub(super) fn begin(&self, name: &str) {
        println!("{}", paint("1", &format!("── {name}")));
    }

    pub(super) fn end(&mut self, name: &'static str, result: Result, began: Instant) {
        let time = began.elapsed();
        println!("── {name}: {} in {:.1} s\n", word(result), time.as_secs_f64());
        self.stages.push((name, result, time));
    }

    pub(super) fn skip(&mut self, name: &'static str, reason: &str) {
        println!("── {name}: {}\n", paint("1;33", &format!("SKIPPED: {reason}")));
        self.stages.push((name, Result::Skipped, Duration::ZERO));
    }

    /// Adds up a line of the form `test result: ok. 2 passed; 0 failed; 1 ignored; …`.
    pub(super) fn count(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|l| l.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let Some((number, what)) = count.trim().split_once(' ') else { continue };
            let number: u64 = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Prints the table and, as the last line, the count. A stage that fails without a failed test,
    /// such as a build, counts as one failure: nobody shall read "0 failed" then.
    pub(super) fn print(&self) -> ExitCode {
        for (name, result, time) in &self.stages {
            println!("{name:<10} {:>7.1} s  {}", time.as_secs_f64(), word(*result));
        }
        if self.ignored > 0 {
            println!("{} tests were ignored", self.ignored);
        }
        let failed = self.failures();
        println!("\n{} passed, {failed} failed", self.passed);
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn failures(&self) -> u64 {
        let stage = self.stages.iter().any(|(_, result, _)| *result == Result::Failed);
        self.failed.max(u64::from(stage))
    }
}

fn word(result: Result) -> String {
    match result {
        Result::Ok => paint("32", "ok"),
        Result::Failed => paint("1;31", "FAILED"),
        Result::Skipped => paint("33", "skipped"),
    }
}

fn paint(colour: &str, text: &str) -> String {
    if stdout().is_terminal() { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_crates_add_up() {
        let mut summary = Summary::default();
        summary
            .count("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n");
        summary.count("test result: FAILED. 3 passed; 4 failed; 0 ignored; finished in 0.1s\n");
        summary.count("test a::test result: ok. 9 passed ... ok\n");
        assert_eq!((summary.passed, summary.failed, summary.ignored), (5, 4, 1));
    }

    #[test]
    fn a_failed_build_is_a_failure() {
        let mut summary = Summary::default();
        assert_eq!(summary.failures(), 0);
        summary.stages.push(("test", Result::Failed, Duration::ZERO));
        assert_eq!(summary.failures(), 1);
    }
}
