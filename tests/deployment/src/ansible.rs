//! Playbooks, their variables and their results.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use schemas::Role;

use crate::docker::output;
use crate::machines::{MANAGER, Machines, SITE, folder};
use crate::stand_ins;
use crate::tools::{install, tool};
use crate::vault::Vault;
use xtask::Failure;

/// The images of a deployment, as the machines call them.
pub(crate) struct Images {
    pub(crate) spymission: String,
    pub(crate) rabbitmq: String,
    pub(crate) mysql: String,
    pub(crate) nginx: String,
    pub(crate) prometheus: String,
}

impl Images {
    /// Builds what is missing, and pushes all of it to the machines' registry.
    ///
    /// # Errors
    /// An image could not be built or pushed.
    pub(crate) async fn push(machines: &Machines, tag: &str) -> Result<Self, Failure> {
        Ok(Self {
            spymission: machines.push(tag).await?,
            rabbitmq: machines.push(&stand_ins::rabbitmq().await?).await?,
            mysql: machines.push(&stand_ins::mysql().await?).await?,
            nginx: machines.push(&stand_ins::nginx().await?).await?,
            prometheus: machines.push(&stand_ins::prometheus().await?).await?,
        })
    }
}

/// How a playbook ended on all machines together.
pub(crate) struct Recap {
    /// How many tasks changed something.
    pub(crate) changed: u32,
    /// Its output.
    pub(crate) said: String,
}

/// Playbooks for these machines.
pub(crate) struct Ansible {
    inventory: PathBuf,
}

impl Ansible {
    /// Installs Ansible if that was not done yet, writes inventory, variables and secrets.
    ///
    /// # Errors
    /// It could not be installed, or a file not be written.
    pub(crate) async fn new(
        machines: &Machines,
        images: &Images,
        encrypted: bool,
    ) -> Result<Self, Failure> {
        install().await?;
        let inventory = machines.inventory()?;
        Vault::of(&inventory).make().await?;
        let (registry, operator) = (machines.registry(), machines.home());
        let variables = variables_for(images, &registry, &operator, encrypted);
        let ansible = Self { inventory };
        fs::write(ansible.variables(), variables.to_string())?;
        Ok(ansible)
    }

    fn variables(&self) -> PathBuf {
        self.inventory.join("group_vars/all/variables.json")
    }

    /// Gives a variable another value for all playbooks from now on.
    ///
    /// # Errors
    /// The variables cannot be read or written.
    pub(crate) fn give(&self, name: &str, value: &str) -> Result<(), Failure> {
        let mut variables: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&fs::read(self.variables())?)?;
        variables.insert(name.to_owned(), value.into());
        Ok(fs::write(self.variables(), serde_json::to_vec(&variables)?)?)
    }

    /// For machines that an earlier run left, with the variables of that run.
    ///
    /// # Errors
    /// The inventory cannot be written.
    pub(crate) fn kept(machines: &Machines) -> Result<Self, Failure> {
        Ok(Self { inventory: machines.inventory()? })
    }

    /// The images of the variables.
    ///
    /// # Errors
    /// The variables cannot be read.
    pub(crate) fn images(&self) -> Result<Images, Failure> {
        let variables: serde_json::Value = serde_json::from_slice(&fs::read(self.variables())?)?;
        let image = |name: &str| -> Result<String, Failure> {
            let image =
                variables.get(format!("application_{name}")).and_then(|value| value.as_str());
            Ok(image.ok_or_else(|| format!("variables.json: no application_{name}"))?.to_owned())
        };
        Ok(Images {
            spymission: image("image")?,
            rabbitmq: image("rabbitmq_image")?,
            mysql: image("mysql_image")?,
            nginx: image("nginx_image")?,
            prometheus: image("prometheus_image")?,
        })
    }

    /// Hosts and variables of these machines.
    pub(crate) fn inventory(&self) -> &Path {
        &self.inventory
    }

    /// Runs a playbook of `ansible/`.
    ///
    /// # Errors
    /// It failed, and what it said.
    pub(crate) async fn play(&self, playbook: &str, more: &[&str]) -> Result<Recap, Failure> {
        let mut command = tool("ansible-playbook");
        command.arg("--inventory").arg(&self.inventory);
        // As on the machine of a pipeline: the log is searched for passwords later.
        command.env("ANSIBLE_LOG_PATH", folder().join(format!("{playbook}.log")));
        let said = output({
            command.args(more).arg(playbook);
            command
        })
        .await?;
        let counts = said.split("changed=").skip(1);
        let counts = counts.filter_map(|rest| rest.split_whitespace().next()?.parse::<u32>().ok());
        Ok(Recap { changed: counts.sum(), said })
    }
}

/// How many replicas each role has: two, unless it is among these.
pub(crate) fn replicas(others: &[(Role, u8)]) -> BTreeMap<&'static str, u8> {
    let all = Role::ALL.iter().map(|role| (role.name(), 2));
    all.chain(others.iter().map(|(role, replicas)| (role.name(), *replicas))).collect()
}

/// Each of them is in `docs/swarm.md`. What differs from its example: a registry without TLS, and what
/// is off at first.
pub(crate) fn variables_for(
    images: &Images,
    registry: &str,
    operator: &str,
    encrypted: bool,
) -> serde_json::Value {
    serde_json::json!({
        "base_firewall": true,
        "docker_insecure_registries": [registry],
        "application_site": SITE,
        "application_image": images.spymission,
        "application_rabbitmq_image": images.rabbitmq,
        "application_mysql_image": images.mysql,
        "application_nginx_image": images.nginx,
        "application_prometheus_image": images.prometheus,
        "application_operators": [operator],
        "application_watch": true,
        "application_overlay_encrypted": encrypted,
        "application_monitor": "5s",
        "application_replicas": replicas(&[(Role::Gateway, 3)]),
    })
}

/// Whether this kernel can encrypt the traffic between the machines; it is tried on one of them.
pub(crate) async fn encrypts(machines: &Machines) -> bool {
    let try_it = "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 \
        aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128 && ip xfrm state flush";
    machines.ssh(MANAGER, try_it).await.is_ok()
}
