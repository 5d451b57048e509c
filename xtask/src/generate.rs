//! `cargo xtask generate`: the committed files that are made from code.

use std::process::ExitCode;

use tokio::process::Command;
use xtask::Outcome;
use xtask::workspace::{Stage, cargo, within};

/// The programs that write them: examples of the workspace.
const WRITERS: [&str; 2] = ["generate", "metrics"];

/// Regenerates the committed generated files. The programs are built as the tests are, so that nothing
/// is compiled a second time in another choice of features.
pub(crate) async fn run() -> Outcome {
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--workspace"]);
    build.args(WRITERS.iter().flat_map(|writer| ["--example", writer]));
    if !Stage::start(build)?.wait().await? {
        return Ok(ExitCode::FAILURE);
    }
    let programs = std::env::current_exe()?.with_file_name("examples");
    for writer in WRITERS {
        if !Stage::start(within(Command::new(programs.join(writer))))?.wait().await? {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
