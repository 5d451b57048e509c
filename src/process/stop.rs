//! How a process stops: after the first signal it finishes its work; the second one ends it.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// How long a process may take to finish its work after the first signal. Orchestrators kill after
/// 30 s.
const FINISH: Duration = Duration::from_secs(28);
// A gateway answers its last caller before the process is given up.
const _: () = assert!(gateway::MAX_DRAIN + gateway::LAST.as_secs() < FINISH.as_secs());

/// Runs `work` until it ends. SIGTERM, SIGHUP or Ctrl-C cancels `stop`; the work then finishes what
/// it holds. After 28 s, or at a second signal, it is given up.
///
/// # Errors
/// The work was given up, or no signal handler could be installed.
pub(crate) async fn until_stopped<T>(
    stop: CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let mut signals = Signals::listen()?;
    let mut work = std::pin::pin!(work);
    tokio::select! {
        ended = &mut work => return Ok(ended),
        () = signals.next() => {}
    }
    tracing::info!("stopping: finishing the work in progress; a second signal ends it at once");
    stop.cancel();
    let given_up = async {
        tokio::select! {
            () = signals.next() => {}
            () = tokio::time::sleep(FINISH) => {}
        }
    };
    let begun = tokio::time::Instant::now();
    tokio::select! {
        ended = &mut work => {
            tracing::info!("stopped");
            Ok(ended)
        }
        () = given_up => Err(Failure::Unfinished(begun.elapsed().as_secs())),
    }
}

/// SIGTERM, SIGHUP and Ctrl-C, as long as this value lives.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// `None` under `nohup`, which starts us with SIGHUP ignored.
    hang_up: Option<Signal>,
}

impl Signals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// The operating system refuses a handler.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::Check(format!("no signal handler: {error}")))
        };
        // Before a handler is installed: afterwards it is not ignored any more.
        let ignored = std::fs::read_to_string("/proc/self/status")
            .is_ok_and(|status| ignores_hang_up(&status));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: if ignored { None } else { Some(listen(SignalKind::hangup())?) },
        })
    }

    /// Waits for the next signal. Cancel safe.
    pub(crate) async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hang_up => {}
        }
    }
}

/// Whether SIGHUP, the lowest bit, is among the ignored signals. Linux lists them in
/// `/proc/self/status`; elsewhere SIGHUP is never taken for ignored.
fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_recognised_by_the_mask_of_ignored_signals() {
        assert!(ignores_hang_up("Name:\tx\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hang_up("Name:\tx\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hang_up(""));
    }
}
