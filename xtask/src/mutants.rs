//! `cargo xtask mutants`: whether the tests of the pure parts notice a change of the code.

use std::process::ExitCode;

use clap::Args;
use tokio::process::Command;
use xtask::Outcome;
use xtask::tools::MUTANTS;
use xtask::workspace::{Stage, root, within};

/// Code that talks to nobody, and its tests, which need no server.
struct Pure {
    package: &'static str,
    files: &'static [&'static str],
    /// The tests that are built.
    tests: &'static [&'static str],
    /// Those of them that are run: their names contain this. All, if it names none.
    named: &'static [&'static str],
}

const PURE: [Pure; 2] = [
    Pure {
        package: "schemas",
        files: &[
            "address.rs",
            "casebook/*.rs",
            "created_at.rs",
            "csv.rs",
            "dossier*.rs",
            "http/*.rs",
            "ids.rs",
            "mission.rs",
            "parts/*.rs",
            "percent.rs",
        ],
        tests: &["--lib", "--test=casebook", "--test=casebook_refusals", "--test=columns"],
        named: &[],
    },
    Pure {
        package: "gateway",
        files: &["correlator/backlog.rs", "correlator/turns.rs", "correlator/window.rs"],
        tests: &["--lib"],
        named: &["correlator"],
    },
];
/// A change that makes a test run longer counts as noticed, in seconds.
const PATIENCE: &str = "20";

/// Changes the pure parts of the code, one place at a time, and runs their tests: fails when no test
/// notices a change (half an hour)
#[derive(Args)]
pub(crate) struct Options {
    /// Install cargo-mutants first, below target/tools (it is compiled for minutes)
    #[arg(long)]
    install: bool,
    /// Only these crates
    crates: Vec<String>,
}

pub(crate) async fn run(options: Options) -> Outcome {
    let Some(program) = MUTANTS.program(options.install).await? else {
        return Ok(ExitCode::from(2));
    };
    let mut noticed = true;
    for Pure { package, files, tests, named } in PURE {
        if !(options.crates.is_empty() || options.crates.iter().any(|name| name == package)) {
            continue;
        }
        let mut command = within(Command::new(&program));
        command.args(["mutants", "--package", package, "--no-shuffle", "--timeout", PATIENCE]);
        command.arg("--output").arg(root().join("target/mutants").join(package));
        for file in files {
            command.args(["--file", &format!("{package}/src/{file}")]);
        }
        // Only these are built. Without debug information each place takes half the time.
        command.args(tests.iter().map(|test| format!("--cargo-arg={test}")));
        command.env("CARGO_PROFILE_DEV_DEBUG", "0").arg("--").args(named);
        std::fs::create_dir_all(root().join("target/mutants").join(package))?;
        noticed &= Stage::start(command)?.wait().await?;
    }
    Ok(if noticed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
