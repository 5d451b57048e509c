//! The tally: how many missions were asked for, came, or were refused; the progress bar shows it,
//! and at an end before its time it is told.

use std::fmt;
use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::time::Instant;

use super::order::Order;

/// Fewer missions than this are there before a bar could be read.
const MANY: u64 = 1_000;
const BAR: &str = "{bar:30} {human_pos} of {human_len} missions, {rate}/s, {eta} left {msg}";
const REDRAW: Duration = Duration::from_millis(200);

pub(super) struct Tally {
    wanted: u64,
    counts: Mutex<Counts>,
    bar: Option<ProgressBar>,
}

struct Counts {
    asked: u64,
    came: u64,
    refused: u64,
    /// Why the first one was refused.
    why: Option<String>,
    /// What is waited for, as it was last said.
    waiting: Option<String>,
    /// When the last mission came; `None` while we wait for whoever reads our output.
    moved: Option<Instant>,
}

impl Tally {
    /// Nothing yet, of this many. There is a bar on a terminal, when there are many.
    pub(super) fn new(wanted: u64) -> Self {
        let counts = Counts {
            asked: 0,
            came: 0,
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
        Self { wanted, counts: Mutex::new(counts), bar }
    }

    pub(super) fn bar(&self) -> Option<ProgressBar> {
        self.bar.clone()
    }

    /// Takes the bar off the terminal.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// So many were asked for until now.
    pub(super) fn asked(&self, count: usize) {
        self.counts().asked = count as u64;
    }

    /// So many came.
    pub(super) fn came(&self, count: usize) {
        if count == 0 {
            return;
        }
        let mut counts = self.counts();
        counts.came += count as u64;
        counts.moved = Some(Instant::now());
        let back = counts.waiting.take().is_some();
        if let Some(bar) = &self.bar {
            bar.set_position(counts.came);
            if back {
                bar.set_message("");
            }
        }
    }

    /// So many were refused, and why.
    pub(super) fn refused(&self, count: usize, why: impl ToString) {
        let mut counts = self.counts();
        counts.refused += count as u64;
        counts.moved = Some(Instant::now());
        counts.why.get_or_insert_with(|| why.to_string());
    }

    /// Says what is waited for, once.
    #[expect(clippy::print_stderr, reason = "whoever waits wants to know what for")]
    pub(super) fn waits(&self, why: impl ToString) {
        let (why, mut counts) = (why.to_string(), self.counts());
        if counts.waiting.as_ref() == Some(&why) {
            return;
        }
        match &self.bar {
            Some(bar) => bar.set_message(format!("({why}; trying again)")),
            None => eprintln!("spymission: {why}; trying again"),
        }
        counts.waiting = Some(why);
    }

    /// Whoever reads our output lets us wait, which is no silence of those we ask; or no longer.
    pub(super) fn held_up(&self, held: bool) {
        self.counts().moved = (!held).then(Instant::now);
    }

    /// Ends when no mission has come for this long.
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

    pub(super) fn all_came(&self) -> bool {
        self.counts().came == self.wanted
    }

    /// How far it has come, and how to get the rest.
    pub(super) fn told(&self, order: &Order) -> String {
        let counts = self.counts();
        let open = counts.asked.saturating_sub(counts.came + counts.refused);
        let mut told = format!("{} of {} missions came", shown(counts.came), shown(self.wanted));
        if open > 0 {
            told += &format!("; {} were asked for and are not yet answered", shown(open));
        }
        if let Some(why) = &counts.why {
            told += &format!("; {} were refused: {why}", shown(counts.refused));
        } else if let Some(why) = &counts.waiting {
            told += &format!("; last: {why}");
        }
        told += &format!(
            ". The same command with --count {} --key {} gives the same missions and the rest",
            order.count(),
            order.key()
        );
        told
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

    #[test]
    fn what_is_told_adds_up_and_names_the_key() {
        let tally = Tally::new(100_000);
        let order = Order::new(100_000, "mine".to_owned()).unwrap();
        tally.asked(4_096);
        tally.came(1_000);
        tally.refused(96, "set-aside: tried ten times");
        tally.refused(1, "something else");
        let told = tally.told(&order);
        for words in [
            "1,000 of 100,000 missions came",
            "2,999 were asked for and are not yet answered",
            "97 were refused: set-aside: tried ten times",
            "--count 100000 --key mine",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert!(!tally.all_came());
    }
}
