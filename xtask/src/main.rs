//! `cargo xtask`: developers' commands.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

mod bench;
mod browser;
mod chaos;
mod cycles;
mod deploy;
mod documents;
mod fuzz;
mod generate;
mod mutants;
mod package;
mod pictures;
mod rabbitmq4;
mod release;
mod scan;
mod schemathesis;
mod servers;
mod simulate;
mod test;

use std::process::ExitCode;

use clap::Parser;
use xtask::{Outcome, until_interrupted};

/// Developers' commands of spymission.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Xtask {
    Test(test::Options),
    Coverage(test::coverage::Options),
    Bench(bench::Options),
    Browser(browser::Options),
    Chaos(chaos::Options),
    /// Writes the committed files that are made from code
    Generate,
    DeployTest(deploy::Options),
    LintDocuments(documents::Options),
    Schemathesis(schemathesis::Options),
    Rabbitmq4(rabbitmq4::Options),
    Scan(scan::Options),
    Cycles(cycles::Options),
    Fuzz(fuzz::Options),
    Mutants(mutants::Options),
    Package(package::Options),
    Pictures(pictures::Options),
    Release(release::Options),
    Simulate(simulate::Options),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    until_interrupted(run(Xtask::parse())).await
}

async fn run(command: Xtask) -> Outcome {
    match command {
        Xtask::Test(options) => test::run(options).await,
        Xtask::Coverage(options) => test::coverage::run(options).await,
        Xtask::Bench(options) => bench::run(options).await,
        Xtask::Browser(options) => browser::run(options).await,
        Xtask::Chaos(options) => chaos::run(options).await,
        Xtask::Generate => generate::run().await,
        Xtask::DeployTest(options) => deploy::run(options),
        Xtask::LintDocuments(options) => documents::run(options).await,
        Xtask::Schemathesis(options) => schemathesis::run(options).await,
        Xtask::Rabbitmq4(options) => rabbitmq4::run(options).await,
        Xtask::Scan(options) => scan::run(options).await,
        Xtask::Cycles(options) => cycles::run(options).await,
        Xtask::Fuzz(options) => fuzz::run(options).await,
        Xtask::Mutants(options) => mutants::run(options).await,
        Xtask::Package(options) => package::run(options).await,
        Xtask::Pictures(options) => pictures::run(options).await,
        Xtask::Release(options) => release::run(options).await,
        Xtask::Simulate(options) => simulate::run(options).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_options_of_all_commands_agree() {
        Xtask::command().debug_assert();
    }
}
