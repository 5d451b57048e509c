//! The last release, to be the old version beside this one.

use std::fs;
use std::path::PathBuf;

use tokio::process::Command;

use crate::docker::{output, workplace};
use xtask::Failure;
use xtask::workspace::{git, root};

/// The file that names its commit.
const NAMED: &str = "ci/released";

/// Its commit.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn commit() -> Result<String, Failure> {
    Ok(fs::read_to_string(root().join(NAMED))?.trim().to_owned())
}

/// The same, or nothing in a clone whose history does not reach back to it.
///
/// # Errors
/// The file cannot be read, or git is missing.
pub(crate) async fn known() -> Result<String, Failure> {
    Ok(git(&["rev-parse", "--quiet", "--verify", &format!("{}^{{commit}}", commit()?)]).await?)
}

/// Its sources, in a folder of their own.
///
/// # Errors
/// The history does not reach back to it.
pub(crate) async fn sources() -> Result<PathBuf, Failure> {
    let folder = workplace().join("released");
    let _ = fs::remove_dir_all(&folder); // of a run that was interrupted
    fs::create_dir_all(&folder)?;
    let script = r#"set -e
        git archive --output "$2/sources.tar" "$1"
        tar -x -C "$2" -f "$2/sources.tar"
        rm "$2/sources.tar""#;
    let mut unpack = Command::new("sh");
    unpack.args(["-c", script, "unpack", &commit()?]).arg(&folder).current_dir(root());
    output(unpack).await.map_err(|why| {
        format!("{NAMED} names a commit that this clone may lack (git fetch --unshallow): {why}")
    })?;
    Ok(folder)
}
