//! Instructions of each stage, counted by callgrind in a release build.
//!
//! The program is run under valgrind as it is. gungraun would do the same with a second program that
//! has to be installed in just its version, and keeps what it counted below `target`.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use testkit::costs::Costs;
use tokio::process::Command;
use xtask::Failure;
use xtask::workspace::Stage;

use super::counting::{Counting, compile, is_there};

/// Rounds of each stage.
const ROUNDS: u64 = 100;
const UNIT: &str = "instructions";

/// Counts them for each stage that the binary knows.
pub(super) async fn count(install: bool) -> Result<Counting, Failure> {
    if !is_there("valgrind", install).await? {
        return Ok(Counting { costs: Costs::new(), skipped: vec![UNIT] });
    }
    let program = compile("costs", "costs-instructions").await?;
    let stages = Command::new(&program).output().await?;
    let mut costs = Costs::new();
    for stage in String::from_utf8_lossy(&stages.stdout).lines() {
        println!("── counting the instructions of: {stage}");
        let all = of_stage(&program, stage).await?;
        costs.entry(stage.to_owned()).or_default().insert(UNIT.to_owned(), (all / ROUNDS) as f64);
    }
    Ok(Counting { costs, skipped: Vec::new() })
}

/// The instructions of all rounds of this stage.
async fn of_stage(program: &Path, stage: &str) -> Result<u64, Failure> {
    let folder = TempDir::with_prefix("callgrind-")?;
    let file: PathBuf = folder.path().join("out");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind", "--toggle-collect=*counted_by_callgrind*"]);
    command.arg(format!("--callgrind-out-file={}", file.display()));
    command.arg(program).args([stage, &ROUNDS.to_string()]);
    if !Stage::start(command)?.wait().await? {
        return Err(format!("valgrind failed on the stage {stage:?}").into());
    }
    let text = std::fs::read_to_string(file)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    let counted = total.filter(|total| *total > 0);
    counted.ok_or_else(|| format!("callgrind counted nothing of the stage {stage:?}").into())
}
