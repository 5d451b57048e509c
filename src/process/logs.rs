//! Logs on standard error: for people on a terminal, JSON elsewhere.
//!
//! A log line that cannot be written (a full disk, a reader that has died) is lost and counted. The
//! process goes on; it reports the count with the next line that can be written.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tracing_subscriber::EnvFilter;

const DEFAULT: &str = "info,sqlx=warn";
/// The greeting of `up` says already that its roles have begun.
const UP_FOR_PEOPLE: &str = "info,sqlx=warn,start=warn";
/// lapin's errors repeat what the supervisor logs, and its traces contain the password.
const NEVER: &str = "lapin=off";

/// What logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logging {
    /// Every role in one process, which has a greeting of its own.
    Up,
    /// One role.
    Role,
    /// A tool that prints its own messages.
    Tool,
}

/// Starts logging. `SPYMISSION_LOG` chooses what is logged, in the syntax of `tracing`'s
/// `EnvFilter`. Without it a tool logs nothing.
pub(crate) fn begin(what: Logging) {
    let chosen = std::env::var("SPYMISSION_LOG").unwrap_or_default();
    let default = match what {
        Logging::Tool => "off",
        Logging::Up if for_people() => UP_FOR_PEOPLE,
        Logging::Up | Logging::Role => DEFAULT,
    };
    let filter = EnvFilter::builder().parse_lossy(format!("{default},{chosen},{NEVER}"));
    // The subscriber's own complaint about a failed write goes to standard error and panics there.
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .log_internal_errors(false)
        .with_writer(|| Lines { to: io::stderr(), lost: &LOST });
    if for_people() {
        logs.with_target(false).init();
    } else {
        logs.json().flatten_event(true).with_ansi(false).init();
    }
}

/// Whether people read the logs on a terminal.
pub(crate) fn for_people() -> bool {
    io::stderr().is_terminal()
}

/// Lines that were lost since the last one that was written.
static LOST: AtomicU64 = AtomicU64::new(0);

/// Writes log lines and never fails.
struct Lines<'a, W> {
    to: W,
    lost: &'a AtomicU64,
}

impl<W: Write> Write for Lines<'_, W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.to.write_all(line).is_err() {
            self.lost.fetch_add(1, Relaxed);
            return Ok(line.len());
        }
        let lost = self.lost.swap(0, Relaxed);
        if lost > 0 {
            // This line comes here, too. If it is lost in its turn, it counts again as one.
            tracing::warn!(lost, "log lines could not be written");
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes nothing until it is mended.
    struct Full<'a>(&'a mut Vec<u8>, bool);

    impl Write for Full<'_> {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            if self.1 { Err(io::ErrorKind::StorageFull.into()) } else { self.0.write(line) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_cannot_be_written_is_counted_until_one_can() {
        let (lost, mut written) = (AtomicU64::new(0), Vec::new());
        let mut lines = Lines { to: Full(&mut written, true), lost: &lost };
        lines.write_all(b"one\n").unwrap();
        lines.write_all(b"two\n").unwrap();
        assert_eq!(lost.load(Relaxed), 2);
        lines.to.1 = false;
        lines.write_all(b"three\n").unwrap();
        assert_eq!((lost.load(Relaxed), &*written), (0, &b"three\n"[..]));
    }
}
