//! Where and when a run was made.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::system::Servers;

/// The machine, and the versions of everything that was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    /// In MiB.
    pub(crate) memory: u64,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    pub(crate) rabbitmq: String,
    pub(crate) mariadb: String,
}

impl Machine {
    /// This machine, these servers, and the commit that is checked out at `root`.
    pub(crate) fn look(root: &Path, servers: &Servers) -> Self {
        let commit = said(Command::new("git").args(["rev-parse", "--short=12", "HEAD"]), root);
        let changed = said(Command::new("git").args(["status", "--porcelain"]), root);
        let changed = if changed.is_empty() { "" } else { ", and changes" };
        #[expect(clippy::disallowed_methods, reason = "it is when the run was made")]
        let date = OffsetDateTime::now_utc().date().to_string();
        Self {
            date,
            commit: commit + changed,
            processor: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory: kib(&field("/proc/meminfo", "MemTotal")) / 1_024,
            kernel: read("/proc/sys/kernel/osrelease"),
            rustc: said(Command::new("rustc").arg("--version"), root),
            rabbitmq: servers.rabbit.version().unwrap_or_default(),
            mariadb: servers.mariadb.sql("SELECT VERSION()").unwrap_or_default(),
        }
    }
}

/// What a command says; nothing, if it fails.
fn said(command: &mut Command, root: &Path) -> String {
    let output = command.current_dir(root).output().ok().filter(|output| output.status.success());
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The first value of this name in a file of lines `name: value`.
fn field(path: &str, name: &str) -> String {
    let text = read(path);
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find(|(other, _)| other.trim() == name);
    found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn kib(text: &str) -> u64 {
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
