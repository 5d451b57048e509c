//! The lines of `check`, and their overall result.

use crate::failure::Failure;
use crate::output::{self, Colour, paint};

/// Clocks that differ by more, in seconds, spoil the order of missions.
const SKEW: f64 = 2.0;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    Warning,
    Failed,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) verdict: Verdict,
    part: &'static str,
    about: &'static str,
    found: String,
    next: String,
}

impl Line {
    pub(super) fn ok(part: &'static str, about: &'static str, found: impl ToString) -> Self {
        let (found, next) = (found.to_string(), String::new());
        Self { verdict: Verdict::Ok, part, about, found, next }
    }

    pub(super) fn warning(
        part: &'static str,
        about: &'static str,
        found: impl ToString,
        next: impl ToString,
    ) -> Self {
        let verdict = Verdict::Warning;
        Self { verdict, next: next.to_string(), ..Self::ok(part, about, found) }
    }

    pub(super) fn failed(
        part: &'static str,
        about: &'static str,
        found: impl ToString,
        next: impl ToString,
    ) -> Self {
        Self { verdict: Verdict::Failed, ..Self::warning(part, about, found, next) }
    }

    /// The same, as a warning.
    pub(super) fn into_warning(self) -> Self {
        Self { verdict: Verdict::Warning, ..self }
    }

    /// A line about a clock that is `ahead` of ours by this many seconds (negative: behind), known to
    /// `coarse` seconds.
    pub(super) fn clock(part: &'static str, ahead: f64, coarse: f64) -> Self {
        let found = if ahead.abs() <= coarse {
            "agrees with this machine's".to_owned()
        } else {
            let word = if ahead > 0.0 { "ahead of" } else { "behind" };
            format!("{:.1} s {word} this machine's", ahead.abs())
        };
        if ahead.abs() <= SKEW + coarse {
            Self::ok(part, "clock", found)
        } else {
            Self::warning(part, "clock", found, "run NTP on both: missions are listed by time")
        }
    }

    fn text(&self) -> String {
        let Self { verdict, part, about, found, next } = self;
        let word = match verdict {
            Verdict::Ok => paint(Colour::Green, "ok     "),
            Verdict::Warning => paint(Colour::Yellow, "warning"),
            Verdict::Failed => paint(Colour::Red, "failed "),
        };
        let next = if next.is_empty() { String::new() } else { format!("; next: {next}") };
        format!("{word}  {part:<10}  {about:<11}  {found}{next}\n")
    }
}

/// How many checks failed so far, and how many gave a warning.
#[derive(Debug, Default)]
pub(super) struct Report {
    failed: usize,
    warnings: usize,
}

impl Report {
    /// Prints a line at once, because a check may take long.
    pub(super) fn say(&mut self, line: Line) -> Result<(), Failure> {
        match line.verdict {
            Verdict::Ok => {}
            Verdict::Warning => self.warnings += 1,
            Verdict::Failed => self.failed += 1,
        }
        output::say(&line.text())
    }

    /// Prints the overall result. It is an error if a check failed.
    pub(super) fn end(self) -> Result<(), Failure> {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let Self { failed, warnings } = self;
        if failed > 0 {
            let s = plural(failed);
            return Err(Failure::Check(format!("{failed} check{s} failed")));
        }
        match warnings {
            0 => output::say("all checks passed\n"),
            n => output::say(&format!("all checks passed, with {n} warning{}\n", plural(n))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_a_little() {
        for (ahead, coarse, verdict) in [
            (0.3, 0.1, Verdict::Ok),
            (-1.9, 0.1, Verdict::Ok),
            (-3.0, 0.1, Verdict::Warning),
            (2.9, 1.0, Verdict::Ok),
            (60.0, 1.0, Verdict::Warning),
        ] {
            let line = Line::clock("database", ahead, coarse);
            assert_eq!(line.verdict, verdict, "{line:?}");
            assert_eq!(line.found.contains("behind"), ahead < -coarse, "{line:?}");
        }
    }
}
