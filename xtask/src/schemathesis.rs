//! `cargo xtask schemathesis`: a running gateway, tested against the document that it serves.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;
use testkit::process::{Process, mortal, poll};
use testkit::servers::{Error, Port, call};
use tokio::process::Command;

use xtask::tools::SCHEMATHESIS;
use xtask::workspace::{Stage, cargo, root};
use xtask::{Failure, Outcome};

/// A run with fewer cases than this is a failure.
const CASES: u64 = 2_000;
/// How long a gateway may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tests a running gateway against its OpenAPI document with all checks of schemathesis
#[derive(Args)]
pub(crate) struct Options {
    /// Install schemathesis first, below target/tools
    #[arg(long)]
    install: bool,
    /// Another seed than that of schemathesis.toml
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

pub(crate) async fn run(options: Options) -> Outcome {
    Ok(match check(options.install, options.seed).await? {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(2),
    })
}

/// Whether nothing was found; `None` when there is no schemathesis.
pub(crate) async fn check(install: bool, seed: Option<u64>) -> Result<Option<bool>, Failure> {
    let Some(program) = SCHEMATHESIS.program(install).await? else { return Ok(None) };
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--package", "spymission"]);
    if !Stage::start(build)?.wait().await? {
        return Ok(Some(false));
    }
    let gateway = Gateway::start()?;
    let mut command = Command::new(program);
    command.arg("--config-file").arg(root().join("schemathesis.toml"));
    command.args(["run", &format!("{}/openapi.json", gateway.url), "--checks", "all"]);
    if let Some(seed) = seed {
        command.args(["--seed", &seed.to_string()]);
    }
    command.current_dir(gateway.directory.path()).stdout(Stdio::piped());
    let mut stage = Stage::start(command)?;
    let mut cases = 0;
    stage.stream(|line| cases = cases.max(generated(line))).await?;
    let passed = stage.wait().await?;
    if cases < CASES {
        println!("only {cases} cases were tried: at least {CASES} are expected");
    }
    if gateway.process.ended().is_some() {
        println!("the gateway ended:\n{}", gateway.log());
    }
    Ok(Some(passed && cases >= CASES && gateway.process.ended().is_none()))
}

/// The number of a line of the form `  1762 generated, …`, else 0.
fn generated(line: &str) -> u64 {
    let number = line.trim().split_once(" generated").map(|(number, _)| number.parse());
    number.and_then(Result::ok).unwrap_or(0)
}

/// Everything in one process, with a database file that is removed with it.
struct Gateway {
    process: Process, // before the directory that it writes to
    url: String,
    log: PathBuf,
    _port: Port,
    directory: TempDir,
}

impl Gateway {
    fn start() -> Result<Self, Error> {
        let directory = TempDir::with_prefix("schemathesis-")?;
        let port = Port::free()?;
        let listen = format!("127.0.0.1:{}", port.number());
        let database = format!("sqlite:{}", directory.path().join("missions.db").display());
        let mut command = mortal(binary());
        // A stream of events that does not end would block every case that requests one.
        command.args(["up", "--database", &database, "--listen", &listen, "--stream", "1"]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPYMISSION_") {
                command.env_remove(name);
            }
        }
        let log = directory.path().join("gateway.log");
        let process = Process::start(command, &log)?;
        let url = format!("http://{listen}");
        let gateway = Self { process, url, log, _port: port, directory };
        let ready = || {
            let reply = call(&gateway.url, "GET", "/readyz", "");
            reply.ok().filter(|reply| reply.status == 200)
        };
        match poll(PATIENCE, ready) {
            Some(_) => Ok(gateway),
            None => Err(Error::Silent { server: "spymission", log: gateway.log() }),
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

fn binary() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), Into::into);
    Path::new(&target).join("debug/spymission")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_cases_is_read_from_the_summary() {
        assert_eq!(generated("  1762 generated, 2 found 2 unique failures\n"), 1762);
        assert_eq!(generated("  2513 generated, 2513 passed\n"), 2513);
        assert_eq!(generated("Tests generated\n"), 0);
    }
}
