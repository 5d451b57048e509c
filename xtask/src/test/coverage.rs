//! `cargo xtask coverage`: every test, with results that Jenkins reads and the lines they reach.

mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use clap::Args;
use tokio::process::Command;

use crate::servers::Servers;
use xtask::needs::{Needs, chosen, packages};
use xtask::workspace::{Stage, cargo, root};
use xtask::{Failure, Outcome, install};

/// What is not delivered, and not measured: developers' commands and the test kit. `cargo llvm-cov`
/// itself leaves out the folders `tests` and `examples`.
const LEFT_OUT: &str = "/(xtask|testkit|bench|costs|chaos|fuzz|simulation)/(src|tests)/";
/// The packages that only hold such code.
const UNMEASURED: [&str; 8] =
    ["xtask", "testkit", "bench", "costs", "chaos", "fuzz", "simulation", "deployment-tests"];

/// Runs all tests and measures which lines they reach: target/reports/{junit.xml,lcov.info}
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first: servers, cargo-llvm-cov, cargo-nextest, LLVM's tools
    #[arg(long)]
    install: bool,
    /// Fail when a smaller share of the lines is reached
    #[arg(long, default_value_t = 95, value_name = "PERCENT")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    at_least: u8,
    /// Passed to `cargo nextest run`: `-p CRATE`, test names
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

/// Runs it.
pub(crate) async fn run(options: Options) -> Outcome {
    let needs = Needs::of(&options.filter).await?;
    if !install::ensure(options.install, needs).await? {
        return Ok(ExitCode::from(2));
    }
    let Some(tools) = tools::environment(options.install).await? else {
        return Ok(ExitCode::from(2));
    };
    let reports = env::var_os("REPORTS").map_or_else(|| root().join("target/reports"), Into::into);
    fs::create_dir_all(&reports)?;
    let mut filter = options.filter;
    let mut packages = flags(chosen(&filter));
    if packages.is_empty() {
        packages = flags(delivered().await?);
        filter.splice(0..0, packages.clone());
    }
    let measured = Measured { tools, packages, needs };
    let passed = measured.test(&filter, &reports.join("junit.xml")).await?;
    let enough = measured.report(options.at_least, &reports.join("lcov.info")).await?;
    println!("junit.xml and lcov.info are in {}", reports.display());
    Ok(if passed && enough { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The measured packages, and the tools.
struct Measured {
    tools: Vec<(&'static str, PathBuf)>,
    /// As flags.
    packages: Vec<String>,
    needs: Needs,
}

impl Measured {
    /// Each process counts its lines in the file itself, continuously (`%c`, which needs a flag of the
    /// compiler on Linux). Otherwise the lines of a process that a test kills would be lost.
    fn llvm_cov(&self, arguments: &[&str]) -> Command {
        let flags = env::var("RUSTFLAGS").unwrap_or_default();
        let flags = format!("{flags} -Cllvm-args=-runtime-counter-relocation");
        let mut command = cargo();
        command.arg("llvm-cov").args(arguments).envs(self.tools.iter().cloned());
        command.env("RUSTFLAGS", flags.trim());
        command.env("LLVM_PROFILE_FILE_NAME", "spymission-%p-%m%c.profraw");
        command
    }

    /// Returns whether all tests passed; writes the result of each to `junit`.
    async fn test(&self, filter: &[String], junit: &Path) -> Result<bool, Failure> {
        let results = root().join("target/nextest/ci/junit.xml");
        for old in [junit, &results] {
            let _ = fs::remove_file(old); // results of an earlier run
        }
        // Files of an older build would count as lines that nothing reached.
        if !Stage::start(self.llvm_cov(&["clean", "--workspace"]))?.wait().await? {
            return Err("the build before could not be cleaned".into());
        }
        let servers = Servers::start(self.needs)?;
        let mut command = self.llvm_cov(&["nextest", "--no-report", "--locked", "--profile", "ci"]);
        command.args(filter).envs(servers.environment());
        let passed = Stage::start(command)?.wait().await?;
        fs::copy(&results, junit)
            .map_err(|error| format!("no results of tests at {}: {error}", results.display()))?;
        Ok(passed)
    }

    /// Returns whether enough lines were reached; writes which to `lcov`.
    async fn report(&self, at_least: u8, lcov: &Path) -> Result<bool, Failure> {
        let _ = fs::remove_file(lcov);
        let (lcov, bound) = (lcov.to_string_lossy(), at_least.to_string());
        let mut good = true;
        for form in
            [["--lcov", "--output-path", &*lcov], ["--summary-only", "--fail-under-lines", &bound]]
        {
            let mut command = self.llvm_cov(&["report", "--ignore-filename-regex", LEFT_OUT]);
            command.args(form).args(&self.packages);
            good &= Stage::start(command)?.wait().await?;
        }
        if !good {
            println!("fewer than {at_least} % of lines were reached, or they were not read");
        }
        Ok(good)
    }
}

/// The flags that choose these packages.
fn flags(packages: Vec<String>) -> Vec<String> {
    packages.into_iter().flat_map(|name| ["--package".to_owned(), name]).collect()
}

/// All packages that are measured.
async fn delivered() -> Result<Vec<String>, Failure> {
    let names = packages().await?.into_iter().map(|package| package.name);
    Ok(names.filter(|name| !UNMEASURED.contains(&name.as_str())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_that_is_delivered_is_measured() {
        let all = delivered().await.unwrap();
        assert!(all.contains(&"spymission".to_owned()) && all.contains(&"store".to_owned()));
        assert!(!all.contains(&"xtask".to_owned()));
    }
}
