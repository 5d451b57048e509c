//! Three machines: containers with systemd and SSH, and a registry they can reach, made for a run
//! and removed with it.

mod network;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use crate::docker::{self, docker, output, workplace};
use crate::image::{Image, debian};
use xtask::Failure;

/// The prefix of all names in this machine's Docker.
const PREFIX: &str = "spymission-lab";

/// The name by which callers reach the site; no DNS knows it.
pub(crate) const SITE: &str = "missions.example.org";
/// The machine that manages the swarm.
pub(crate) const MANAGER: &str = "manager";
/// The names of all machines.
pub(crate) const NAMES: [&str; 3] = [MANAGER, "worker-1", "worker-2"];

/// What systemd and a Docker inside need. Not `--privileged`, which many cloud machines do not allow.
const CAPABILITIES: &str = "AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND DAC_READ_SEARCH IPC_LOCK IPC_OWNER \
    LEASE LINUX_IMMUTABLE NET_ADMIN NET_BROADCAST SYSLOG SYS_ADMIN SYS_BOOT SYS_NICE SYS_PTRACE \
    SYS_RAWIO SYS_TIME SYS_TTY_CONFIG";

/// The machines, reachable by a key that was made for this run.
pub(crate) struct Machines {
    network: String, // such as `172.18.0`
    keep: bool,
}

impl Machines {
    /// Makes them, and waits until each answers.
    ///
    /// # Errors
    /// An image could not be built, or a machine does not come up.
    pub(crate) async fn start(keep: bool) -> Result<Self, Failure> {
        remove();
        std::fs::create_dir_all(folder())?;
        let base = debian("bookworm").await?;
        let registry = on("registry", "compose/images/registry", base).await?;
        let machines = Self { network: network::make(PREFIX).await?, keep };
        make_key().await?;
        let at = machines.registry_address();
        let publish = ["--publish", "127.0.0.1::5000"];
        machines.run("registry", &at, &publish, &registry).await?;
        for name in NAMES {
            machines.begin(name).await?;
        }
        for name in NAMES {
            machines.await_ssh(name).await?;
        }
        Ok(machines)
    }

    /// The machines that an earlier run left; they are left again.
    ///
    /// # Errors
    /// There are none.
    pub(crate) async fn kept() -> Result<Self, Failure> {
        for name in NAMES {
            output(docker(["inspect", "--format", "{{.State.Running}}", &container(name)])).await?;
        }
        Ok(Self { network: network::range(PREFIX).await?, keep: true })
    }

    /// Puts a new machine in the place of one that is lost with its disk.
    ///
    /// # Errors
    /// It does not come up.
    pub(crate) async fn replace(&self, name: &str) -> Result<(), Failure> {
        docker::remove(&container(name));
        let mut forget = Command::new("ssh-keygen");
        forget.args(["-R", &self.address(name), "-f"]).arg(known_hosts());
        output(forget).await?;
        self.begin(name).await?;
        self.await_ssh(name).await
    }

    async fn begin(&self, name: &str) -> Result<(), Failure> {
        let image = machine(debian("bookworm").await?).await?;
        let public = std::fs::read_to_string(key().with_extension("pub"))?;
        let options = machine_options(public.trim());
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        self.run(name, &self.address(name), &options, &image).await
    }

    async fn run(
        &self,
        name: &str,
        address: &str,
        options: &[&str],
        image: &str,
    ) -> Result<(), Failure> {
        let container = container(name);
        let mut command = docker(["run", "--detach", "--name", &container, "--hostname", name]);
        command.args(["--network", PREFIX, "--ip", address]).args(options).arg(image);
        output(command).await.map(drop)
    }

    /// The address of a machine.
    pub(crate) fn address(&self, name: &str) -> String {
        let place = NAMES.iter().position(|other| *other == name).unwrap_or(NAMES.len());
        format!("{}.{}", self.network, 11 + place)
    }

    /// The address by which the machines see this one.
    pub(crate) fn home(&self) -> String {
        format!("{}.1", self.network)
    }

    fn registry_address(&self) -> String {
        format!("{}.10", self.network)
    }

    /// The address of the registry for the machines.
    pub(crate) fn registry(&self) -> String {
        format!("{}:5000", self.registry_address())
    }

    /// Runs a command on a machine by SSH. Returns its output.
    ///
    /// # Errors
    /// It failed, or the machine cannot be reached.
    pub(crate) async fn ssh(&self, name: &str, command: &str) -> Result<String, Failure> {
        let mut ssh = Command::new("ssh");
        ssh.arg("-i").arg(key()).args(SSH.split(' ')).args(["-o", "ConnectTimeout=5"]);
        ssh.arg("-o").arg(format!("UserKnownHostsFile={}", known_hosts().display()));
        ssh.arg(format!("root@{}", self.address(name))).arg(command);
        output(ssh).await
    }

    async fn await_ssh(&self, name: &str) -> Result<(), Failure> {
        let mut last = None;
        for _ in 0..60 {
            match self.ssh(name, "systemctl is-system-running --wait || true").await {
                Ok(_) => return Ok(()),
                Err(why) => last = Some(why),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(last.unwrap_or_else(|| "it does not answer".into()))
    }

    /// Kills a machine, as a loss of power does.
    pub(crate) async fn kill(&self, name: &str) -> Result<(), Failure> {
        output(docker(["kill", "--signal", "KILL", &container(name)])).await.map(drop)
    }

    /// Starts it again.
    pub(crate) async fn boot(&self, name: &str) -> Result<(), Failure> {
        output(docker(["start", &container(name)])).await?;
        self.await_ssh(name).await
    }

    /// Where the registry listens on this machine.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) async fn registry_at_home(&self) -> Result<String, Failure> {
        let published = output(docker(["port", &container("registry"), "5000/tcp"])).await?;
        Ok(published.lines().next().unwrap_or_default().to_owned())
    }

    /// Pushes an image to the registry. Returns its name for the machines, by digest.
    pub(crate) async fn push(&self, tag: &str) -> Result<String, Failure> {
        let (name, _) = tag.rsplit_once(':').ok_or("an image without a tag")?;
        let there = format!("{}/{name}", self.registry_at_home().await?);
        output(docker(["tag", tag, &format!("{there}:lab")])).await?;
        let pushed = output(docker(["push", &format!("{there}:lab")])).await;
        output(docker(["rmi", "--no-prune", &format!("{there}:lab")])).await?;
        let pushed = pushed?;
        let digest = pushed.split_whitespace().find(|word| word.starts_with("sha256:"));
        let digest = digest.ok_or_else(|| format!("no digest in {pushed:?}"))?;
        Ok(format!("{}/{name}@{digest}", self.registry()))
    }

    /// The inventory for Ansible: a folder, whose `group_vars` others may fill.
    ///
    /// # Errors
    /// It could not be written.
    pub(crate) fn inventory(&self) -> Result<PathBuf, Failure> {
        let host = |name: &str, more: &str| {
            format!("        {name}:\n          ansible_host: {}\n{more}", self.address(name))
        };
        let data = "          swarm_labels:\n            spymission.data: \"true\"\n";
        let [manager, workers @ ..] = NAMES;
        let workers: String = workers.iter().map(|name| host(name, "")).collect();
        let text = format!(
            "---\nswarm:\n  vars:\n    ansible_user: root\n    ansible_ssh_private_key_file: {key}\n    \
             ansible_ssh_common_args: {SSH} -o UserKnownHostsFile={known}\n  children:\n    \
             managers:\n      hosts:\n{}    workers:\n      hosts:\n{workers}",
            host(manager, data),
            key = key().display(),
            known = known_hosts().display(),
        );
        let inventory = folder().join("inventory");
        std::fs::create_dir_all(inventory.join("group_vars/all"))?;
        std::fs::write(inventory.join("hosts.yml"), text)?;
        Ok(inventory)
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        if !self.keep {
            remove();
        }
    }
}

/// The first connection is trusted: the machine was made with the key.
const SSH: &str = "-o StrictHostKeyChecking=accept-new -o LogLevel=ERROR -o BatchMode=yes";

/// Where the files of the machines are.
pub(crate) fn folder() -> PathBuf {
    workplace().join("machines")
}

/// With which key, and how, other programs reach the machines by SSH.
pub(crate) fn ssh_arguments() -> (PathBuf, String) {
    (key(), format!("{SSH} -o UserKnownHostsFile={}", known_hosts().display()))
}

/// The key with which this machine enters the others.
pub(crate) fn key() -> PathBuf {
    folder().join("key")
}

/// The keys by which they are known.
pub(crate) fn known_hosts() -> PathBuf {
    folder().join("known_hosts")
}

fn container(name: &str) -> String {
    format!("{PREFIX}-{name}")
}

/// What a machine is started with. The key may enter by SSH.
pub(crate) fn machine_options(key: &str) -> Vec<String> {
    let mut options: Vec<String> =
        CAPABILITIES.split_whitespace().map(|name| format!("--cap-add={name}")).collect();
    let others = "--security-opt=seccomp=unconfined --security-opt=apparmor=unconfined \
        --security-opt=systempaths=unconfined --cgroupns=private --tmpfs=/run --tmpfs=/run/lock \
        --tmpfs=/tmp --volume=/var/lib/docker --env=container=docker";
    options.extend(others.split_whitespace().map(str::to_owned));
    options.push("--device-cgroup-rule=a *:* rwm".to_owned());
    options.push(format!("--env=AUTHORIZED_KEY={key}"));
    options
}

/// The image of a machine, on this Debian.
///
/// # Errors
/// It could not be built.
pub(crate) async fn machine(base: String) -> Result<String, Failure> {
    on("machine", "compose/images/machine", base).await
}

async fn on(name: &str, context: &str, base: String) -> Result<String, Failure> {
    let arguments = [("BASE", base.as_str())];
    let context = Path::new(context);
    let image = Image { name, context, dockerfile: None, flags: &[], arguments: &arguments };
    image.ensure().await
}

async fn make_key() -> Result<(), Failure> {
    for file in [key(), key().with_extension("pub"), known_hosts()] {
        let _ = std::fs::remove_file(file); // of the run before
    }
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-t", "ed25519", "-N", "", "-C", PREFIX, "-f"]).arg(key());
    output(make).await.map(drop)
}

/// Removes what a run made, also after an interrupted run.
fn remove() {
    for name in NAMES.into_iter().chain(["registry"]) {
        docker::remove(&container(name));
    }
    let network = ["network", "rm", PREFIX];
    let _ = std::process::Command::new("docker").args(network).output(); // there may be none
}
