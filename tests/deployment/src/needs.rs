//! What a part needs of the machine before it can begin.

use crate::docker;
use crate::part::Part;
use xtask::Failure;
use xtask::install::{packages, packages_of};
use xtask::tools::has_venv;

/// Programs that are called here or by a script of `compose/`, and their packages.
const DEPLOYMENT: [(&str, &str); 2] = [("docker", "docker.io"), ("openssl", "openssl")];
/// The daemon. The command alone may be here, for the daemon of another machine.
const DAEMON: (&str, &str) = ("dockerd", "docker.io");
/// What images are made of.
const IMAGES: [(&str, &str); 1] = [("debootstrap", "debootstrap")];
/// The same for what goes to machines, and for scripts of `ci/`.
const SCRIPTS: [(&str, &str); 5] = [
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("curl", "curl"),
    ("git", "git"),
    SIGNATURES,
];
const SIGNATURES: (&str, &str) = ("minisign", "minisign");

/// Whether a part needs Docker: linters do not.
pub(crate) fn needs_docker(parts: &[Part]) -> bool {
    parts.iter().any(|part| *part != Part::Lint)
}

/// Whether a part can do with public images, which it takes if a registry has them.
fn takes_public_images(part: &Part) -> bool {
    matches!(part, Part::Compose | Part::Packages | Part::Servers)
}

/// Whether a part needs machines, or scripts of `ci/`.
fn scripts(parts: &[Part]) -> bool {
    let theirs =
        [Part::Checks, Part::Machines, Part::Swarm, Part::Upkeep, Part::Delivery, Part::Walk];
    parts.iter().any(|part| theirs.contains(part))
}

/// Debian's packages that these parts need and that are missing, or may need if they are to be
/// installed. A daemon that `answers` need not be one of this machine.
fn missing(parts: &[Part], answers: bool, install: bool) -> Vec<&'static str> {
    let mut programs = Vec::new();
    if needs_docker(parts) {
        if !answers {
            programs.push(DAEMON);
        }
        programs.extend(DEPLOYMENT);
        if install || !parts.iter().all(takes_public_images) {
            programs.extend(IMAGES);
        }
    }
    if scripts(parts) {
        programs.extend(SCRIPTS);
    }
    if parts.contains(&Part::Packages) {
        programs.push(SIGNATURES);
    }
    let mut missing = packages_of(&programs);
    if (parts.contains(&Part::Lint) || scripts(parts)) && !has_venv() {
        missing.extend(["python3", "python3-venv"]);
    }
    missing
}

/// Installs them, if `install` allows it. Tools from other registries are installed below `target`
/// when they are first used.
///
/// # Errors
/// What is missing, and what to do.
pub(crate) async fn ensure(parts: &[Part], install: bool) -> Result<(), Failure> {
    let answers = needs_docker(parts) && docker::answers().await;
    let missing = missing(parts, answers, install);
    if missing.is_empty() {
        return Ok(());
    }
    if !install {
        let missing = missing.join(" ");
        return Err(format!(
            "deploy-test needs {missing}: `--install` installs it \
             (on Debian or Ubuntu: sudo apt-get install -y {missing})"
        )
        .into());
    }
    packages(&missing).await
}
