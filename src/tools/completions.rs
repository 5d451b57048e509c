//! `spymission completions`: a completion script for a shell.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::failure::Failure;
use crate::output;

/// Prints the script.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(settings: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(settings.shell, &mut Cli::command(), "spymission", &mut script);
    output::say(&String::from_utf8_lossy(&script))
}
