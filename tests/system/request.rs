//! `spymission request`: missions for the shell, over HTTP and AMQP.

mod fake_decider;
mod fake_gateway;
mod over_amqp;
mod over_http;
mod refusals;

use std::collections::BTreeSet;
use std::process::Command;

use tempfile::TempDir;

use crate::process::Process;
use crate::system::{System, eventually};

/// A running `spymission request`; standard output and error are kept apart.
struct Asking {
    process: Process,
    directory: TempDir,
}

impl Asking {
    /// Starts it with these arguments.
    fn start(arguments: &[&str]) -> Self {
        Self::piped(arguments, "cat")
    }

    /// Starts it with a reader at its standard output; its exit code is kept, too.
    fn piped(arguments: &[&str], reader: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let mut shell = Command::new("sh");
        let script = format!(
            r#"{{ "$0" request "$@" 2>errors & echo $! >id; wait $!; echo $? >code; }} | {reader} >lines"#
        );
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_spymission")]).args(arguments);
        shell.current_dir(directory.path());
        Self { process: Process::spawn(shell), directory }
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).unwrap_or_default()
    }

    /// Waits for its end: its exit code, standard output and standard error.
    async fn ended(mut self) -> (i32, String, String) {
        self.process.ended().await;
        let code = self.file("code").trim().parse().unwrap();
        (code, self.file("lines"), self.file("errors"))
    }

    /// Waits until it has printed more than so far.
    async fn prints(&self) {
        eventually("missions to be printed", async || self.file("lines").len() > 8_192).await;
    }

    /// Sends it a signal.
    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.file("id").trim());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "--- {} lines, and ---\n{}",
                self.file("lines").lines().count(),
                self.file("errors")
            );
        }
    }
}

/// The lines of an output, the last of which must be complete.
fn lines(output: &str) -> BTreeSet<&str> {
    assert!(output.is_empty() || output.ends_with('\n'), "half a line at the end");
    let lines: BTreeSet<&str> = output.lines().collect();
    assert_eq!(lines.len(), output.lines().count(), "something is there twice");
    lines
}

/// The flags that name the endpoints of this system.
fn doors(system: &System) -> [[&str; 2]; 2] {
    [["--broker", &system.amqp], ["--url", &system.gateway]]
}
