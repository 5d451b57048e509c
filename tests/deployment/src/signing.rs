//! Keys of minisign without a password, and signatures by them.

use std::fs;
use std::path::Path;

use tokio::process::Command;
use xtask::Failure;

use crate::docker::output;

/// Makes a key in this file. The public one is beside it and ends in `.pub`.
///
/// # Errors
/// minisign is missing or failed.
pub(crate) async fn make_key(file: &Path) -> Result<(), Failure> {
    let mut make = Command::new("minisign");
    make.args(["-G", "-W", "-f", "-p"]).arg(file.with_extension("pub")).arg("-s").arg(file);
    output(make).await.map(drop)
}

/// The public key, as it is given to who checks signatures: the second line of its file.
///
/// # Errors
/// It cannot be read.
pub(crate) fn public(key: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(key.with_extension("pub"))?;
    Ok(text.lines().nth(1).ok_or("a key without its second line")?.to_owned())
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
