//! Progress on a terminal: how much of a row is measured.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Instant, sleep};

const BAR: &str = "{prefix:>11} connections {bar:30} {msg}";
const REDRAW: Duration = Duration::from_millis(200);

/// The bar of one row; it is removed when this is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    /// How long the row takes.
    time: Duration,
}

impl Progress {
    /// Hidden unless standard error is a terminal.
    pub(super) fn new(connections: u32, time: Duration) -> Self {
        let target = match stderr().is_terminal() {
            true => ProgressDrawTarget::stderr_with_hz(10),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(millis(time)), target);
        let style =
            ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        bar.set_prefix(connections.to_string());
        Self { bar, began: Instant::now(), time }
    }

    /// Ends when it is time to show more.
    pub(super) async fn tick(&self) {
        sleep(REDRAW).await;
    }

    /// So many requests are answered.
    pub(super) fn show(&self, answered: u64) {
        let passed = self.began.elapsed();
        self.bar.set_position(millis(passed.min(self.time)));
        let left = self.time.saturating_sub(passed).as_secs_f64();
        self.bar.set_message(match left > 0.0 {
            true => format!("{} missions, {left:.0} s left", HumanCount(answered)),
            false => format!("{} missions, waiting for the last replies", HumanCount(answered)),
        });
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
