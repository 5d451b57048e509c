//! Statements, by the `mariadb` client.

use std::process::Command;

use super::shared::Error;
use crate::process::find;

/// Runs a statement on the server at `url` (`mysql://user@host:port/`).
pub(super) fn sql(url: &str, statement: &str) -> Result<String, Error> {
    let client = find("mariadb").ok_or(Error::Missing("mariadb"))?;
    let refused = || Error::Refused(format!("not a URL of a test server: {url}"));
    let (user, rest) =
        url.strip_prefix("mysql://").and_then(|u| u.split_once('@')).ok_or_else(refused)?;
    let (host, port) =
        rest.split('/').next().and_then(|h| h.split_once(':')).ok_or_else(refused)?;
    let mut command = Command::new(client);
    command.args(["--no-defaults", "--protocol=tcp", "--skip-column-names", "--batch"]);
    command.args(["--user", user, "--host", host, "--port", port, "--execute", statement]);
    let output = command.output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(Error::Refused(text(&output.stderr)))
    }
}
