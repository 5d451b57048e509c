//! `cargo xtask scan`: known vulnerabilities of the crates in Cargo.lock.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::process::Command;

use xtask::tools::AUDIT;
use xtask::workspace::{Stage, root};
use xtask::{Failure, Outcome};

/// How long fetching the advisories may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Looks for known vulnerabilities in the crates of Cargo.lock
#[derive(Args)]
pub(crate) struct Options {
    /// Install cargo-audit first, below target/tools
    #[arg(long)]
    install: bool,
    /// The advisories: a git repository
    #[arg(long, env = "ADVISORY_DB", value_name = "URL")]
    #[arg(default_value = "https://github.com/rustsec/advisory-db")]
    advisories: String,
}

/// A scan without advisories is a failure.
pub(crate) async fn run(options: Options) -> Outcome {
    let copy = root().join("target/advisory-db");
    // Fetched in a step of its own, so that a failed fetch is not taken for a scan without findings.
    if !fetch(&options.advisories, &copy).await? || !holds_advisories(&copy.join("crates")) {
        eprintln!("NOT SCANNED: there are no advisories from {}", options.advisories);
        return Ok(ExitCode::FAILURE);
    }
    let Some(audit) = AUDIT.program(options.install).await? else { return Ok(ExitCode::from(2)) };
    let mut command = Command::new(audit);
    command.current_dir(root()).args(["audit", "--no-fetch", "--deny", "warnings", "--db"]);
    command.arg(copy);
    let clean = Stage::start(command)?.wait().await?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn fetch(from: &str, to: &Path) -> Result<bool, Failure> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--depth", "1", from]).arg(to);
    let cloned = tokio::time::timeout(PATIENCE, Stage::start(clone)?.wait()).await;
    Ok(matches!(cloned, Ok(Ok(true))))
}

fn holds_advisories(crates: &Path) -> bool {
    let folders = fs::read_dir(crates).into_iter().flatten().flatten();
    let mut files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten());
    files.any(|file| file.is_ok_and(|f| f.file_name().to_string_lossy().starts_with("RUSTSEC-")))
}
