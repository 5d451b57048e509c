//! Progress: how many missions were requested, have arrived or were refused. The progress bar shows
//! it, and the summary after an early end.

use std::fmt;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::time::Instant;

use super::lists::Lists;
use crate::output;

/// With fewer missions there is no bar: they arrive before it could be read.
const MANY: u64 = 1_000;
const BAR: &str = "{bar:30} {human_pos} of {human_len} missions, {rate}/s, {eta} left {msg}";
const REDRAW: Duration = Duration::from_millis(200);

/// Counts, and the bar that shows them.
pub(super) struct Progress {
    wanted: u64,
    began: Instant,
    counts: Mutex<Counts>,
    bar: Option<ProgressBar>,
}

struct Counts {
    requested: u64,
    arrived: u64,
    refused: u64,
    /// Why the first one was refused.
    why: Option<String>,
    /// What is waited for, as it was last shown.
    waiting: Option<String>,
    /// When the last mission arrived; `None` while we wait for the reader of our output.
    moved: Option<Instant>,
}

impl Progress {
    /// No progress yet, of this many missions. If there are many, a terminal shows a bar.
    pub(super) fn new(wanted: u64) -> Self {
        let counts = Counts {
            requested: 0,
            arrived: 0,
            refused: 0,
            why: None,
            waiting: None,
            moved: Some(Instant::now()),
        };
        let bar = (wanted >= MANY && stderr().is_terminal()).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(wanted), ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(
                ProgressStyle::with_template(BAR)
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
                        let _ = write!(out, "{:.0}", state.per_sec()); // a bar, no more
                    })
                    .progress_chars("=> "),
            );
            bar.enable_steady_tick(REDRAW);
            bar
        });
        Self { wanted, began: Instant::now(), counts: Mutex::new(counts), bar }
    }

    pub(super) fn bar(&self) -> Option<ProgressBar> {
        self.bar.clone()
    }

    /// Removes the bar from the terminal.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// This many were requested so far.
    pub(super) fn requested(&self, count: usize) {
        self.counts().requested = count as u64;
    }

    /// This many more have arrived.
    pub(super) fn arrived(&self, count: usize) {
        if count == 0 {
            return;
        }
        let mut counts = self.counts();
        counts.arrived += count as u64;
        counts.moved = Some(Instant::now());
        let back = counts.waiting.take().is_some();
        if let Some(bar) = &self.bar {
            bar.set_position(counts.arrived);
            if back {
                bar.set_message("");
            }
        }
    }

    /// This many more were refused, for this reason.
    pub(super) fn refused(&self, count: usize, why: impl ToString) {
        let mut counts = self.counts();
        counts.refused += count as u64;
        counts.moved = Some(Instant::now());
        counts.why.get_or_insert_with(|| why.to_string());
    }

    /// Shows what is waited for; the same reason is shown once.
    pub(super) fn waiting_for(&self, why: impl ToString) {
        let (why, mut counts) = (why.to_string(), self.counts());
        if counts.waiting.as_ref() == Some(&why) {
            return;
        }
        match &self.bar {
            Some(bar) => bar.set_message(format!("({why}; trying again)")),
            None => output::warn(format_args!("spymission: {why}; trying again")),
        }
        counts.waiting = Some(why);
    }

    /// Whether the printer is full. While it is, the reader of our output is slow, and the longest
    /// wait does not run.
    pub(super) fn printer_is_full(&self, full: bool) {
        self.counts().moved = (!full).then(Instant::now);
    }

    /// Ends when no mission has arrived for this long.
    pub(super) async fn silence(&self, longest: Duration) {
        loop {
            let now = Instant::now();
            let until = self.counts().moved.map_or(now + longest, |moved| moved + longest);
            if until <= now {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.counts().arrived == self.wanted
    }

    /// That all have arrived, and how long that took.
    pub(super) fn done(&self) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        format!(
            "{} of {} missions arrived in {seconds:.2} s",
            shown(self.wanted),
            shown(self.wanted)
        )
    }

    /// What has arrived and what is missing, and how to get the rest.
    pub(super) fn summary(&self, lists: &Lists) -> String {
        let counts = self.counts();
        let open = counts.requested.saturating_sub(counts.arrived + counts.refused);
        let mut summary =
            format!("{} of {} missions arrived", shown(counts.arrived), shown(self.wanted));
        if open > 0 {
            summary += &format!("; {} were requested and are not yet answered", shown(open));
        }
        if let Some(why) = &counts.why {
            summary += &format!("; {} were refused: {why}", shown(counts.refused));
        } else if let Some(why) = &counts.waiting {
            summary += &format!("; last reason to wait: {why}");
        }
        summary += &format!(
            ". The same command with --count {} --key {} prints the same missions again, and the rest",
            lists.count(),
            lists.key()
        );
        summary
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 100,000 instead of 100000.
fn shown(count: u64) -> String {
    HumanCount(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn when_all_have_arrived_it_says_how_many_and_how_long_it_took() {
        let progress = Progress::new(1_000);
        tokio::time::advance(Duration::from_millis(250)).await;
        progress.arrived(1_000);
        assert_eq!(progress.done(), "1,000 of 1,000 missions arrived in 0.25 s");
    }

    #[test]
    fn the_summary_adds_up_and_names_the_key() {
        let progress = Progress::new(100_000);
        let lists = Lists::new(100_000, "mine".to_owned()).unwrap();
        progress.requested(4_096);
        progress.arrived(1_000);
        progress.refused(96, "set-aside: tried ten times");
        progress.refused(1, "something else");
        let summary = progress.summary(&lists);
        for words in [
            "1,000 of 100,000 missions arrived",
            "2,999 were requested and are not yet answered",
            "97 were refused: set-aside: tried ten times",
            "--count 100000 --key mine",
        ] {
            assert!(summary.contains(words), "{words}: {summary}");
        }
        assert!(!progress.is_complete());
    }
}
