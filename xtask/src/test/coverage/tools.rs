//! The tools that measure coverage.

use std::path::{Path, PathBuf};
use std::{env, fs};

use testkit::process::find;
use tokio::process::Command;

use xtask::tools::{LLVM_COV, NEXTEST};
use xtask::{Failure, install};

/// `cargo llvm-cov` and what it calls, pinned; `None` when something is missing, which is said.
pub(super) async fn environment(
    install: bool,
) -> Result<Option<Vec<(&'static str, PathBuf)>>, Failure> {
    let Some(mut environment) = llvm(install).await? else { return Ok(None) };
    let (Some(cover), Some(nextest)) =
        (LLVM_COV.program(install).await?, NEXTEST.program(install).await?)
    else {
        return Ok(None);
    };
    // cargo looks for its subcommands in the PATH.
    let ours = [cover, nextest].into_iter().filter_map(|tool| Some(tool.parent()?.to_owned()));
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(ours.chain(env::split_paths(&path)))?;
    environment.push(("PATH", path.into()));
    Ok(Some(environment))
}

/// The tools of the LLVM that rustc was made with: rustup's component, or Debian's package. The
/// files that they read have another form in each version.
async fn llvm(install: bool) -> Result<Option<Vec<(&'static str, PathBuf)>>, Failure> {
    if rustup_has_llvm().await? {
        return Ok(Some(vec![])); // cargo-llvm-cov finds them itself
    }
    let said = rustc(&["-vV"]).await?;
    let version = version(&said).ok_or_else(|| format!("rustc names no LLVM: {said}"))?;
    let package = format!("llvm-{version}");
    let tools = || {
        let tools = [("LLVM_COV", "llvm-cov"), ("LLVM_PROFDATA", "llvm-profdata")];
        let found = tools.map(|(name, tool)| Some((name, find(&format!("{tool}-{version}"))?)));
        found.into_iter().collect::<Option<Vec<_>>>()
    };
    if tools().is_none() && install {
        install::packages(&[&package]).await?;
    }
    if tools().is_none() {
        println!("coverage needs LLVM's tools: rustup component add llvm-tools, or {package}");
    }
    Ok(tools())
}

async fn rustup_has_llvm() -> Result<bool, Failure> {
    let sysroot = rustc(&["--print", "sysroot"]).await?;
    let targets = fs::read_dir(Path::new(sysroot.trim()).join("lib/rustlib"))?;
    Ok(targets.flatten().any(|target| target.path().join("bin/llvm-profdata").is_file()))
}

async fn rustc(arguments: &[&str]) -> Result<String, Failure> {
    let said = Command::new("rustc").args(arguments).output().await?;
    Ok(String::from_utf8(said.stdout)?)
}

/// The number of the LLVM of `rustc -vV`.
fn version(said: &str) -> Option<&str> {
    let version = said.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_llvm_is_read_from_what_rustc_says() {
        assert_eq!(version("rustc 1.95.0\nLLVM version: 22.1.2\n"), Some("22"));
        assert_eq!(version("rustc 1.95.0\n"), None);
    }
}
