//! `spymission` processes: started, killed, stopped.

use std::fs::File;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::system::eventually;

/// One running `spymission` process. Killed when it is dropped.
pub struct Process {
    child: Child,
    log: NamedTempFile,
}

impl Process {
    /// Starts `spymission` with these arguments; `failpoint` is where it is to die, as in
    /// `decider.before-parts=<mission id>`.
    pub fn start(arguments: &[&str], failpoint: Option<&str>) -> Self {
        let environment = failpoint.map(|place| ("SPYMISSION_FAILPOINT", place));
        Self::start_in(environment.as_slice(), arguments)
    }

    /// Starts `spymission` with these environment variables and arguments.
    pub fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
        command.args(arguments).envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// Starts this command; its output goes into the log.
    pub fn spawn(mut command: Command) -> Self {
        // Every test begins here, and its HTTP client knows no TLS by itself.
        let _ = rustls::crypto::ring::default_provider().install_default(); // once is enough
        let log = NamedTempFile::new().unwrap();
        let file = || Stdio::from(File::options().append(true).open(log.path()).unwrap());
        command.stdin(Stdio::null()).stdout(file()).stderr(file());
        Self { child: command.spawn().unwrap(), log }
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// Waits until its log contains this.
    pub async fn says(&self, words: &str) {
        eventually(&format!("a log line with {words:?}"), async || self.log().contains(words))
            .await;
    }

    /// SIGKILL: it cannot finish anything.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and then waits for its end.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended().await
    }

    /// Sends a signal by its name: TERM, STOP, CONT.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the process to end", async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The most memory it ever held, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- {} ---\n{}", self.child.id(), self.log());
        }
    }
}

/// The time between two checks while a fact is waited for.
pub const LOOK: Duration = Duration::from_millis(20);
