//! The scripts of `ci/`.

use tokio::process::Command;

use xtask::workspace::root;

/// The variables of a script.
pub(crate) type Environment = Vec<(&'static str, String)>;

/// A script of this repository, with these variables.
pub(crate) fn command(script: &str, environment: &Environment) -> Command {
    let mut command = Command::new(root().join(script));
    command.current_dir(root()).envs(environment.iter().map(|(name, value)| (name, value)));
    command
}
