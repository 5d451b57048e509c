//! `spymission completions`: what a shell needs to complete our words.

use clap::CommandFactory;

use crate::cli::{Cli, Completions};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(settings: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(settings.shell, &mut Cli::command(), "spymission", &mut script);
    output::say(&String::from_utf8_lossy(&script))
}
