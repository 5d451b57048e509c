//! What can be said of Ansible's files, the stack and the Jenkinsfile without machines.

use tokio::process::Command;

use super::ansible::{install, tool};
use super::docker::{output, workplace};
use super::facts::Facts;
use crate::Failure;
use crate::workspace::{cargo, root};

/// Parses declarative pipelines; from the registry of crates.
const JDP: [&str; 3] = ["jdp", "--version", "0.2.2"];

/// Reads them.
pub(super) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    match install().await {
        Err(why) => facts.skip("ansible-lint and yamllint", &why.to_string()),
        Ok(()) => {
            let strict = ["--offline", "--profile", "production", "--nocolor"];
            facts.prove("ansible-lint is content", run("ansible-lint", &strict)).await?;
            let files = ["--config-file", ".yamllint", ".", "../compose"];
            facts.prove("yamllint is content", run("yamllint", &files)).await?;
        }
    }
    match jdp().await {
        Err(why) => facts.skip("the Jenkinsfile is a pipeline", &why.to_string()),
        Ok(()) => facts.prove("the Jenkinsfile is a pipeline", jenkinsfile()).await?,
    }
    Ok(())
}

async fn run(name: &str, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = tool(name);
    command.args(arguments);
    output(command).await?;
    Ok(arguments.join(" "))
}

async fn jdp() -> Result<(), Failure> {
    if workplace().join("bin/jdp").is_file() {
        return Ok(());
    }
    let mut command = cargo();
    command.args(["install", "--quiet", "--locked", "--root"]).arg(workplace()).args(JDP);
    output(command).await.map(drop)
}

/// Also that a broken one is refused: a parser that takes everything says nothing.
async fn jenkinsfile() -> Result<String, Failure> {
    let parse = |file: &std::path::Path| {
        let mut command = Command::new(workplace().join("bin/jdp"));
        command.arg("check").arg(file);
        output(command)
    };
    let file = root().join("Jenkinsfile");
    parse(&file).await?;
    let broken = workplace().join("Jenkinsfile.broken");
    std::fs::write(&broken, std::fs::read_to_string(&file)?.replacen("stages {", "stages", 1))?;
    match parse(&broken).await {
        Err(_) => Ok("and a broken one is refused".into()),
        Ok(_) => Err("a broken one is taken too".into()),
    }
}
