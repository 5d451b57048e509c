//! Passwords and a certificate that are replaced on a deployment that runs.

use std::fs;

use crate::asks::Asks;
use crate::composition::Composition;
use crate::docker::output;
use crate::facts::expect;
use xtask::Failure;

/// A login at each server.
const REPLACED: [&str; 2] = ["broker-number", "database-gateway"];
const CERTIFICATE: [&str; 2] = ["nginx.pem", "nginx.key"];

/// After what the guide says, the old passwords are refused, and every role works with the new ones.
pub(crate) async fn replaces(c: &Composition) -> Result<String, Failure> {
    let folder = Composition::secrets();
    let old = password()?;
    expect(enters(c, &old).await, || "the password was wrong before".to_owned())?;
    let certificate = served(c).await?;
    for secret in REPLACED.into_iter().chain(CERTIFICATE) {
        fs::remove_file(folder.join(secret))?;
    }
    output(c.script("secrets.sh", &[&folder.display().to_string()])).await?;
    c.compose(&["up", "--detach", "--wait", "--force-recreate"]).await?;
    let new = password()?;
    expect(!enters(c, &old).await, || "the old password still works".to_owned())?;
    expect(enters(c, &new).await, || "the new password does not work".to_owned())?;
    expect(served(c).await? != certificate, || "nginx has the old certificate".to_owned())?;
    c.sql("gateway", "SELECT 1").await?; // as the secret of that name has it now
    let before = c.rows().await?;
    let answers = Asks { count: 200, connections: 16, key: None }.send(c).await?;
    let rows = c.rows().await? - before;
    expect(answers.with(201) == 200 && rows == 200, || format!("{answers}, {rows} rows"))?;
    Ok(format!(
        "{} and nginx's certificate are new, the old one is refused, then {answers}",
        REPLACED.join(", ")
    ))
}

/// The certificate that nginx shows.
async fn served(c: &Composition) -> Result<String, Failure> {
    let script = r#"openssl s_client -connect "${1#https://}" 2>/dev/null </dev/null | openssl x509 -noout -serial"#;
    c.in_compose(&["-c", script, "look", &c.door()]).await
}

/// The password of the number worker at RabbitMQ.
fn password() -> Result<String, Failure> {
    let address = fs::read_to_string(Composition::secrets().join(REPLACED[0]))?;
    let found = address.split('@').next().and_then(|login| login.rsplit(':').next());
    Ok(found.ok_or("an address without a password")?.to_owned())
}

/// Whether RabbitMQ lets the number worker in with it.
async fn enters(c: &Composition, password: &str) -> bool {
    let ask = ["exec", "-T", "rabbitmq", "rabbitmqctl", "--quiet", "authenticate_user", "number"];
    c.compose(&[&ask[..], &[password]].concat()).await.is_ok()
}
