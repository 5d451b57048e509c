//! What the agent of a pipeline is given, as `docs/swarm.md` lists it.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::ansible::Ansible;
use crate::docker::output;
use crate::machines::{Machines, SITE, folder, key, known_hosts};
use crate::scripts::Environment;
use crate::signing;
use crate::tools::password_file;
use xtask::Failure;

/// The credentials, in the variables in which the Jenkinsfile gives them. The registry of these machines asks
/// for no login.
///
/// # Errors
/// One could not be made.
pub(crate) async fn credentials(
    machines: &Machines,
    ansible: &Ansible,
) -> Result<Environment, Failure> {
    let signing_key = folder().join("pipeline.key");
    signing::make_key(&signing_key).await?;
    let archive = archive(ansible.inventory(), &signing::public(&signing_key)?).await?;
    let path = |path: &Path| path.display().to_string();
    Ok(vec![
        ("SPYMISSION_REGISTRY", format!("{}/pipeline", machines.registry_at_home().await?)),
        ("SIGNING_KEY", path(&signing_key)),
        ("SSH_KEY", path(&key())),
        ("ANSIBLE_VAULT_PASSWORD_FILE", path(&password_file())),
        ("INVENTORY_ARCHIVE", path(&archive)),
        ("KNOWN_HOSTS", path(&known_hosts())),
        ("SPYMISSION_URL", format!("https://{SITE}")),
        ("CA", path(&folder().join("secrets/ca.pem"))),
        ("BUILD_TAG", "jenkins-spymission-main-7".to_owned()),
        ("CONNECT_TO", format!("{}:443", machines.address("worker-1"))), // the site has no DNS
    ])
}

/// The inventory without how this machine reaches the others, and with whom to trust.
async fn archive(inventory: &Path, signing_key: &str) -> Result<PathBuf, Failure> {
    let kept = folder().join("pipeline");
    let archive = kept.with_extension("tar");
    let mut copy = Command::new("cp");
    copy.args(["--recursive", "--no-target-directory"]).arg(inventory).arg(&kept);
    output(copy).await?;
    let hosts = fs::read_to_string(kept.join("hosts.yml"))?;
    let own = |line: &&str| !line.trim_start().starts_with("ansible_ssh_");
    let hosts: String = hosts.lines().filter(own).flat_map(|line| [line, "\n"]).collect();
    fs::write(kept.join("hosts.yml"), hosts)?;
    let variable = serde_json::json!({ "application_signing_key": signing_key });
    fs::write(kept.join("group_vars/all/signing.json"), variable.to_string())?;
    let mut pack = Command::new("tar");
    pack.arg("-C").arg(&kept).arg("-cf").arg(&archive).arg(".");
    output(pack).await?;
    Ok(archive)
}
