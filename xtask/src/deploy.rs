//! `cargo xtask deploy-test`: what is deployed, deployed for real, by the crate `deployment-tests`.

use std::os::unix::process::CommandExt;

use clap::Args;
use xtask::Outcome;
use xtask::workspace::cargo;

/// Builds the images, deploys them, and shows each fact with its time. Needs Docker.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// Passed on; `--help` explains them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Becomes that command, so that it gets Ctrl-C and SIGTERM itself and takes down what it deployed.
pub(crate) fn run(options: Options) -> Outcome {
    let mut command = cargo().into_std();
    command.args(["run", "--quiet", "--locked", "--package", "deployment-tests", "--"]);
    Err(command.args(options.arguments).exec().into())
}
