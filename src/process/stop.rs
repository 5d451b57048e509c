//! Stopping: the first signal asks, the second one does not.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::Failure;

/// How long a process may take to finish what it holds, once it is told to stop; orchestrators
/// kill after 30 s.
const FINISH: Duration = Duration::from_secs(28);

/// Runs `work` until it ends. SIGTERM or Ctrl-C cancels `stop`, upon which the work is to finish
/// what it holds; after 28 s, or at a second signal, it is given up.
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
    tracing::info!("stopping: finishing what is held; once more to give it up");
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

/// SIGTERM and Ctrl-C, as long as it lives.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::Check(format!("no signals: {error}")));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// The next of them. Cancel safe.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
