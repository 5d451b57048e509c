//! How often a process has the kernel write its files to the disk, counted by strace.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use testkit::process::{Process, find, mortal, poll};
use testkit::servers::Error;

/// How long strace may take to attach and to let go.
const PATIENCE: Duration = Duration::from_secs(10);

/// The system calls that flush.
const CALLS: [&str; 2] = ["fsync", "fdatasync"];

/// A process that is watched.
pub(super) struct Flushes {
    strace: Process,
    calls: PathBuf,
    _dir: TempDir,
}

impl Flushes {
    /// Watches all threads of this process.
    pub(super) fn count(id: u32) -> Result<Self, Error> {
        let dir = TempDir::with_prefix("strace-")?;
        let (calls, log) = (dir.path().join("calls"), dir.path().join("log"));
        let strace = find("strace").ok_or(Error::Missing("strace"))?;
        let mut command = mortal(strace);
        command.args(["-f", "-e", &format!("trace={}", CALLS.join(",")), "-o"]).arg(&calls);
        command.args(["-p", &id.to_string()]);
        let strace = Process::start(command, &log)?;
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let attached = poll(PATIENCE, || said().contains(" attached").then_some(()));
        attached.ok_or_else(|| Error::Silent { server: "strace", log: said() })?;
        Ok(Self { strace, calls, _dir: dir })
    }

    /// How often it flushed meanwhile.
    pub(super) fn finish(self) -> Result<u64, Error> {
        self.strace.terminate(PATIENCE);
        Ok(begun(&fs::read_to_string(self.calls)?))
    }
}

/// The calls of a trace; one that was interrupted by another thread has two lines.
fn begun(trace: &str) -> u64 {
    let begun = |line: &&str| {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        CALLS.iter().any(|name| call.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')))
    };
    trace.lines().filter(begun).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_once_also_when_another_thread_interrupts_it() {
        let trace = "\
7 fdatasync(5)      = 0
8 fsync(9 <unfinished ...>
7 fdatasync(5)      = 0
8 <... fsync resumed>) = 0
7 +++ exited with 0 +++
";
        assert_eq!(begun(trace), 3);
    }
}
