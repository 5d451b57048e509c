//! Servers for developers: the only ones whose passwords are in the repository.

use testkit::servers::Port;

use crate::composition::Composition;
use crate::docker::{docker, output};
use crate::facts::expect;
use crate::images;
use xtask::Failure;

/// They start with a warning, store missions, and leave nothing behind.
pub(crate) async fn servers(c: &mut Composition) -> Result<String, Failure> {
    let (broker, management, database) = (Port::free()?, Port::free()?, Port::free()?);
    for (name, port) in [
        ("SPYMISSION_DEVELOPER_BROKER", &broker),
        ("SPYMISSION_DEVELOPER_MANAGEMENT", &management),
        ("SPYMISSION_DEVELOPER_DATABASE", &database),
    ] {
        c.set(name, port.number().to_string());
    }
    c.compose(&["up", "--detach", "--wait", "developer"]).await?;
    let said = c.compose(&["logs", "--no-log-prefix", "developer"]).await?;
    expect(said.starts_with("WARNING"), || format!("no warning: {said}"))?;
    for command in [&["topology", "apply", "--broker"][..], &["migrate", "--database"]] {
        let name = if command.contains(&"--broker") { "BROKER=" } else { "DATABASE=" };
        let told = said.lines().find_map(|line| line.split_once(name));
        let (_, address) = told.ok_or_else(|| format!("no {name} in {said}"))?;
        let image = images::spymission().await?;
        let run = ["run", "--rm", "--network", "host", &image];
        output(docker(run.iter().chain(command).chain(&[address]))).await?;
    }
    c.compose(&["--profile", "developer", "down", "--volumes"]).await?;
    Ok("with a warning, on this machine's own address; queues and tables were made".into())
}
