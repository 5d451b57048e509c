//! Allocations and messages, as `cargo xtask test` counts them.

use testkit::costs::read;
use xtask::Failure;
use xtask::workspace::cargo;

use super::counting::Counting;

/// Runs the binary that counts them, in a debug build.
pub(super) async fn count() -> Result<Counting, Failure> {
    let mut command = cargo();
    command.args([
        "run",
        "--quiet",
        "--locked",
        "--package",
        "costs",
        "--bin",
        "costs-allocations",
    ]);
    command.stderr(std::process::Stdio::inherit());
    let output = command.output().await?;
    if !output.status.success() {
        return Err("costs-allocations failed".into());
    }
    let costs = read(&String::from_utf8_lossy(&output.stdout))?;
    Ok(Counting { costs, skipped: Vec::new() })
}
