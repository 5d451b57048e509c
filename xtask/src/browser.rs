//! `cargo xtask browser`: the pages of the product in a real browser. What is done there is written in
//! JavaScript, in tests/browser; node's own test runner runs it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::Args;
use testkit::process::find;
use tokio::process::Command;
use xtask::install::{ensure, packages, packages_of};
use xtask::needs::Needs;
use xtask::workspace::{Stage, cargo, root};
use xtask::{Failure, Outcome};

use crate::servers::Servers;

/// Programs and their Debian packages.
const PROGRAMS: [(&str, &str); 3] = [("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")];
/// The file whose product is a system of processes on RabbitMQ and MariaDB.
const ON_SERVERS: &str = "servers.test.mjs";
/// A test file may take so long, in milliseconds: it judges each page in several dresses.
const PATIENCE: &str = "--test-timeout=300000";

/// Opens every page in Chromium: what people do there, with and without JavaScript; whether axe finds
/// nothing; whether it fits into 360 pixels. Pictures of all of them are in target/browser afterwards
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first: Chromium, Node.js, RabbitMQ and MariaDB (Debian and Ubuntu; needs
    /// root or sudo), and the packages of tests/browser/package-lock.json below target/tools
    #[arg(long)]
    install: bool,
    /// Only the files whose names contain one of these, as `home`
    names: Vec<String>,
}

pub(crate) async fn run(options: Options) -> Outcome {
    if !ready(options.install).await? {
        return Ok(ExitCode::from(2));
    }
    let files = files(&options.names)?;
    if files.is_empty() {
        return Err("no file of tests/browser has such a name".into());
    }
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--package", "spymission"]);
    if !Stage::start(build)?.wait().await? {
        return Ok(ExitCode::FAILURE);
    }
    let on_servers = files.iter().any(|file| file.ends_with(ON_SERVERS));
    let servers = if on_servers { servers(options.install).await? } else { None };
    let mut tests = Command::new("node");
    tests.current_dir(root()).args(["--test", "--test-reporter=spec", PATIENCE]).args(files);
    tests.env("BROWSER_PRODUCT", target().join("debug/spymission"));
    tests.env("CHROMIUM", find("chromium").unwrap_or_else(|| "chromium".into()));
    tests.envs(servers.iter().flat_map(Servers::environment));
    let passed = Stage::start(tests)?.wait().await?;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// RabbitMQ and MariaDB; without them the tests that need them are skipped, and say so.
async fn servers(install: bool) -> Result<Option<Servers>, Failure> {
    let needs = Needs { rabbitmq: true, mariadb: true, ..Needs::default() };
    if !ensure(install, needs).await? {
        println!(
            "── {ON_SERVERS} is skipped: it needs RabbitMQ and MariaDB. --install installs them"
        );
        return Ok(None);
    }
    Ok(Some(Servers::start(needs)?))
}

/// Whether the browser and the packages are there; installs them if that is allowed.
async fn ready(install: bool) -> Result<bool, Failure> {
    let missing = packages_of(&PROGRAMS);
    let locked = fs::read(folder().join("package-lock.json"))?;
    let tools = root().join("target/tools/browser");
    // Written last, so that it stands for a whole installation.
    let mark = tools.join("installed");
    let is_there = fs::read(&mark).is_ok_and(|installed| installed == locked);
    if missing.is_empty() && is_there {
        return Ok(true);
    }
    if !install {
        let missing = [missing, vec!["the packages of tests/browser"]].concat().join(", ");
        eprintln!("not all installed: {missing}. --install does it");
        return Ok(false);
    }
    packages(&missing).await?;
    fs::create_dir_all(&tools)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(folder().join(file), tools.join(file))?;
    }
    println!("── installing the packages of tests/browser");
    let mut install = Command::new("npm");
    install.current_dir(&tools).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if !Stage::start(install)?.wait().await? {
        return Err("npm did not install the packages of tests/browser".into());
    }
    fs::write(mark, locked)?;
    Ok(true)
}

fn folder() -> PathBuf {
    root().join("tests/browser")
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), Into::into)
}

/// The files of tests whose names contain one of these; all if there is none.
fn files(names: &[String]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        if is_meant(&path, names) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_meant(path: &Path, names: &[String]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_test = name.strip_suffix(".test.mjs");
    is_test.is_some_and(|name| names.is_empty() || names.iter().any(|part| name.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_chooses_its_file_and_none_chooses_all() {
        let names = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            files(&names).unwrap().len()
        };
        assert!(names(&[]) > 5);
        assert_eq!((names(&["home"]), names(&["home", "list"]), names(&["nowhere"])), (1, 2, 0));
        assert_eq!(names(&["judge"]), 0, "it holds no tests");
    }
}
