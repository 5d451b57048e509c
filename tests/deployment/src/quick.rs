//! Facts that need no deployment: what the files of a deployment say, and what its scripts do.

mod backup;
mod binary_logs;
mod context;
mod database;
mod first_start;
mod guide;
mod images;
mod machines;
mod moment;
mod pipeline;
mod probe;
mod restore;
mod rights;
mod risks;
mod runbook;
mod secrets;
mod stack;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use xtask::workspace::root;

/// The text of a file of this repository.
fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

/// Writes a program.
fn program(file: &Path, script: &str) {
    fs::write(file, script).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}
