//! Checks of the files of a deployment that need no deployment.

use crate::choices;
use crate::docker::output;
use crate::facts::Facts;
use crate::tools::{install, tool};
use xtask::Failure;
use xtask::linters::{Linter, PIPELINE, QUICK};

/// Reads every Dockerfile, script, playbook and Compose file, and the Jenkinsfile.
pub(crate) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    let mut shown = Ok(()); // every linter runs, also after a failure
    for linter in QUICK.iter().chain([&PIPELINE]) {
        let fact = format!("{} finds nothing", linter.name());
        shown = shown.and(facts.prove(&fact, content(linter)).await);
    }
    shown = shown.and(facts.prove("ansible-lint finds nothing", ansible_lint()).await);
    shown.and(facts.prove("machines join a manager that lives", choices::manager()).await)
}

/// It prints itself what it read. The packages that its installation needs are there by now.
async fn content(linter: &Linter) -> Result<String, Failure> {
    match linter.run(true).await? {
        Some(true) => Ok("with all files of its kind".into()),
        Some(false) => Err("as it says above".into()),
        None => Err("it could not be installed".into()),
    }
}

/// Forty seconds to install and ten to run, which is too long for `cargo xtask test`.
async fn ansible_lint() -> Result<String, Failure> {
    install().await?;
    let mut command = tool("ansible-lint");
    command.args(["--offline", "--profile", "production", "--nocolor"]);
    output(command).await?;
    Ok("by its profile for production".into())
}
