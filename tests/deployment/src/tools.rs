//! The programs of Ansible, in a Python environment of their own.

use std::ffi::OsStr;
use std::path::PathBuf;

use tokio::process::Command;

use crate::docker::output;
use crate::machines::folder;
use xtask::Failure;
use xtask::workspace::root;

/// Where the password of the vault is.
pub(crate) fn password_file() -> PathBuf {
    folder().join("vault-password")
}

/// A program of the environment, called in `ansible/`.
pub(crate) fn tool(program: &str) -> Command {
    beside_tools(bin().join(program))
}

fn bin() -> PathBuf {
    root().join("target/ansible/bin")
}

/// A program that finds those of the environment.
pub(crate) fn beside_tools(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var("PATH").unwrap_or_default();
    command.current_dir(root().join("ansible"));
    command.env("PATH", format!("{}:{path}", bin().display())).env("ANSIBLE_NOCOLOR", "1");
    command.env("ANSIBLE_LOCAL_TEMP", folder().join("temporary"));
    if password_file().is_file() {
        command.env("ANSIBLE_VAULT_PASSWORD_FILE", password_file());
    }
    command
}

/// Installs what `ansible/requirements.txt` says, once, as the pipeline does.
///
/// # Errors
/// Python or its packages are missing.
pub(crate) async fn install() -> Result<(), Failure> {
    let mut command = Command::new(root().join("ci/ansible.sh"));
    command.arg("--version");
    output(command).await.map(drop)
}
