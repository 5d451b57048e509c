//! Keys of minisign without a password, and signatures by them.

use std::path::Path;

use tokio::process::Command;
use xtask::Failure;

use crate::docker::output;

/// Makes a key in this file. The public one is beside it and ends in `.pub`; its second line is what others
/// are told.
///
/// # Errors
/// minisign is missing or failed.
pub(crate) async fn make_key(file: &Path) -> Result<(), Failure> {
    let mut make = Command::new("minisign");
    make.args(["-G", "-W", "-f", "-p"]).arg(file.with_extension("pub")).arg("-s").arg(file);
    output(make).await.map(drop)
}

/// Signs a file.
///
/// # Errors
/// minisign failed.
pub(crate) async fn sign(key: &Path, file: &Path, signature: &Path) -> Result<(), Failure> {
    let mut sign = Command::new("minisign");
    sign.arg("-S").arg("-s").arg(key).arg("-m").arg(file).arg("-x").arg(signature);
    output(sign).await.map(drop)
}
