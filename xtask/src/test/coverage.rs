//! `cargo xtask coverage`: every test, with results that Jenkins reads and the lines they reach.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use clap::Args;
use xtask::process::find;

use super::servers::Servers;
use crate::workspace::{Stage, cargo, root};
use crate::{Failure, Outcome, install};

/// What counts: all that is delivered. Left out are `xtask` (developers' commands: what they start
/// is what is measured) and tests themselves.
const LEFT_OUT: &str = r"(^|/)(xtask|tests)/";

/// Runs all tests and measures which lines they reach: target/reports/{junit.xml,lcov.info}
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first: servers, cargo-llvm-cov, cargo-nextest, LLVM's tools
    #[arg(long)]
    install: bool,
    /// Fail when fewer of a hundred lines are reached
    #[arg(long, default_value_t = 95, value_name = "PERCENT")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    at_least: u8,
    /// Passed to `cargo nextest run`: `-p CRATE`, test names
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

/// Runs it.
pub(crate) async fn run(options: Options) -> Outcome {
    if !install::ensure(options.install).await? || !tools(options.install).await? {
        return Ok(ExitCode::from(2));
    }
    let reports = reports();
    fs::create_dir_all(&reports)?;
    for old in ["junit.xml", "lcov.info"] {
        let _ = fs::remove_file(reports.join(old)); // never the results of another run
    }
    let servers = Servers::start()?;
    let mut command = cargo();
    command.args(["llvm-cov", "nextest", "--locked", "--profile", "ci", "--lcov"]);
    command.arg("--output-path").arg(reports.join("lcov.info"));
    command.args(["--ignore-filename-regex", LEFT_OUT]);
    command.args(["--fail-under-lines", &options.at_least.to_string()]);
    if !options.filter.iter().any(|argument| argument == "-p" || argument == "--package") {
        command.args(["--workspace", "--exclude", "xtask"]);
    }
    command.args(&options.filter).envs(servers.environment()).envs(llvm());
    let good = Stage::start(command)?.wait().await?;
    let results = root().join("target/llvm-cov-target/nextest/ci/junit.xml");
    fs::copy(&results, reports.join("junit.xml"))
        .map_err(|error| format!("no results of tests at {}: {error}", results.display()))?;
    println!(
        "{} and lcov.info, at least {} %",
        reports.join("junit.xml").display(),
        options.at_least
    );
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where what a delivery leaves behind is gathered.
fn reports() -> PathBuf {
    env::var_os("REPORTS").map_or_else(|| root().join("target/reports"), PathBuf::from)
}

/// The tools of the LLVM that rustc was made with, where rustup did not bring them.
fn llvm() -> Vec<(&'static str, PathBuf)> {
    let Some(version) = llvm_version() else { return Vec::new() };
    let tools = [("LLVM_COV", "llvm-cov"), ("LLVM_PROFDATA", "llvm-profdata")];
    let found = tools.map(|(name, tool)| Some((name, find(&format!("{tool}-{version}"))?)));
    found.into_iter().flatten().collect()
}

fn llvm_version() -> Option<String> {
    let said = Command::new("rustc").arg("-vV").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let version = said.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    Some(version.split('.').next()?.to_owned())
}

async fn tools(install: bool) -> Result<bool, Failure> {
    let has = |tool: &str| find(tool).is_some() || cargo_bin().join(tool).is_file();
    let missing: Vec<_> =
        ["cargo-llvm-cov", "cargo-nextest"].into_iter().filter(|t| !has(t)).collect();
    if !missing.is_empty() {
        if !install {
            eprintln!("coverage needs {0}: cargo install --locked {0}", missing.join(" "));
            return Ok(false);
        }
        let mut command = cargo();
        command.args(["install", "--locked"]).args(&missing);
        if !Stage::start(command)?.wait().await? {
            return Err(format!("cargo install {} failed", missing.join(" ")).into());
        }
    }
    if rustup_has_llvm() || llvm().len() == 2 {
        return Ok(true);
    }
    let package = format!("llvm-{}", llvm_version().unwrap_or_default());
    if !install {
        eprintln!("coverage needs LLVM's tools: rustup component add llvm-tools, or {package}");
        return Ok(false);
    }
    install::packages(&[&package]).await?;
    Ok(true)
}

fn rustup_has_llvm() -> bool {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = sysroot.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let targets = sysroot.and_then(|sysroot| fs::read_dir(Path::new(&sysroot).join("lib/rustlib")));
    targets.is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.path().join("bin/llvm-profdata").is_file())
    })
}

fn cargo_bin() -> PathBuf {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    home.unwrap_or_default().join("bin")
}
