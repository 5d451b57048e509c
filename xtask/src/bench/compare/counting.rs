//! One way to count, and what it needs.

use std::path::PathBuf;

use testkit::costs::Costs;
use testkit::process::find;
use xtask::workspace::{Stage, cargo, root};
use xtask::{Failure, install};

/// What was counted in one way.
pub(super) struct Counting {
    pub(super) costs: Costs,
    /// The units in which nothing could be counted.
    pub(super) skipped: Vec<&'static str>,
}

/// Compiles a program of this package for release, and gives its path.
pub(super) async fn compile(package: &str, program: &str) -> Result<PathBuf, Failure> {
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--package", package, "--bin", program]);
    if !Stage::start(command)?.wait().await? {
        return Err(format!("{program} does not compile").into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), Into::into);
    Ok(target.join("release").join(program))
}

/// Whether this program, of the Debian package of the same name, is there; says so if not.
pub(super) async fn is_there(program: &'static str, install: bool) -> Result<bool, Failure> {
    if install {
        install::packages(&install::packages_of(&[(program, program)])).await?;
    }
    let there = find(program).is_some();
    if !there {
        println!("skipped: {program} is not installed; apt-get install {program}");
    }
    Ok(there)
}
