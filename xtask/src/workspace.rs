//! Running cargo in this workspace.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The root of the workspace, wherever `cargo xtask` was called.
pub fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let start = manifest.unwrap_or_else(|| PathBuf::from("."));
    let start = std::path::absolute(&start).unwrap_or(start); // a program is found from any working directory
    let root = start.ancestors().find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(&start).to_owned()
}

/// The cargo that runs us, as [`within`] this workspace.
pub fn cargo() -> Command {
    within(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())))
}

/// A command that calls cargo, at the root of the workspace and without the variables that cargo set
/// for this process: build scripts that read `CARGO_MANIFEST_DIR` would otherwise run again.
pub fn within(mut command: Command) -> Command {
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(ours) {
            command.env_remove(name);
        }
    }
    command.current_dir(root());
    command
}

/// What git says in this workspace; nothing where git does not know it.
///
/// # Errors
/// git is missing.
pub async fn git(arguments: &[&str]) -> io::Result<String> {
    let said = within(Command::new("git")).args(arguments).output().await?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// A running command and the processes that it starts; dropping it kills them.
pub struct Stage {
    child: Child,
}

impl Stage {
    /// Starts a command in a process group of its own.
    pub fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::null()).process_group(0);
        Ok(Self { child: command.spawn()? })
    }

    /// Prints its output line by line and shows each to `look`. The command needs a piped stdout.
    pub async fn stream(&mut self, mut look: impl FnMut(&str)) -> io::Result<()> {
        let Some(output) = self.child.stdout.take() else { return Ok(()) };
        let mut output = BufReader::new(output);
        let mut line = Vec::new(); // bytes: a test may print anything
        while output.read_until(b'\n', &mut line).await? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            look(&text);
            line.clear();
        }
        Ok(())
    }

    /// Waits for its end. Returns whether it succeeded.
    pub async fn wait(mut self) -> io::Result<bool> {
        Ok(self.child.wait().await?.success())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // No id means that it was waited for; another process may have the number by now.
        let id = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = id {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
