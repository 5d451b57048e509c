//! A reader with new machines: the commands of `docs/swarm.md`, one after the other, as they stand there.

mod loss;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep};
use xtask::Failure;
use xtask::workspace::root;

use crate::ansible::{self, Images};
use crate::docker::{output, workplace};
use crate::facts::{Facts, expect};
use crate::guide::commands;
use crate::machines::{MANAGER, Machines, NAMES, SITE, ssh_arguments};
use crate::{images, releases};

/// How long a release may take to be complete.
const PATIENCE: Duration = Duration::from_secs(120);
const GUIDE: &str = "docs/swarm.md";

/// Shows them.
pub(crate) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    let reader = Reader::new().await?;
    let fact = |heading: &str| format!("{GUIDE}, {heading}");
    facts.prove(&fact("Install"), reader.installs()).await?;
    facts.prove(&fact("Scale, observe, drain"), reader.looks()).await?;
    facts.prove(&fact("Operate"), reader.operates()).await?;
    facts.prove(&fact("Upgrade and roll back"), reader.upgrades()).await?;
    facts.prove(&fact("Rotate secrets"), reader.rotates()).await?;
    facts.prove(&fact("Back up and restore"), reader.restores()).await?;
    facts.prove(&fact("Return to a moment"), reader.returns()).await?;
    facts.prove(&fact("A lost manager"), reader.begins_anew()).await
}

/// A clone of the repository, a home, and machines.
struct Reader {
    machines: Machines,
    images: Images,
    next: String,
    encrypted: bool,
    guide: String,
    folder: PathBuf,
}

impl Reader {
    async fn new() -> Result<Self, Failure> {
        let machines = Machines::start(false).await?;
        let tag = images::spymission().await?;
        let images = Images::push(&machines, &tag).await?;
        let next = machines.push(&releases::next(&tag).await?).await?;
        let encrypted = ansible::encrypts(&machines).await;
        let folder = workplace().join("reader");
        let _ = fs::remove_dir_all(&folder); // of the run before
        fs::create_dir_all(folder.join("home"))?;
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet"]).arg(root()).arg(folder.join("spymission"));
        output(clone).await?;
        let guide = fs::read_to_string(root().join(GUIDE))?;
        Ok(Self { machines, images, next, encrypted, guide, folder })
    }

    /// The commands below a heading that begin with this prompt.
    fn commands(&self, heading: &str, prompt: char) -> Vec<String> {
        commands(&self.guide, heading, prompt)
    }

    /// Runs commands on the reader's machine, from the clone on.
    async fn types(&self, commands: &[String]) -> Result<String, Failure> {
        let mut shell = Command::new("bash");
        shell.args(["-ec", &commands.join("\n")]).current_dir(self.folder.join("spymission"));
        shell.env("HOME", self.folder.join("home")).env_remove("ANSIBLE_CONFIG");
        output(shell).await
    }

    /// What a reader has in the shell after the first section.
    fn again(&self) -> [String; 2] {
        [". v/bin/activate", "export ANSIBLE_VAULT_PASSWORD_FILE=~/.vault-password"]
            .map(str::to_owned)
    }

    async fn on_manager(&self, command: &str) -> Result<String, Failure> {
        self.machines.ssh(MANAGER, command).await
    }

    async fn installs(&self) -> Result<String, Failure> {
        let mut commands = self.commands("Install", '$');
        let copied = commands.iter().position(|command| command.starts_with("cp -r "));
        let after = copied.ok_or("the guide copies no inventory")? + 1;
        commands.insert(after, format!("bash -e '{}'", self.edit()?.display()));
        self.types(&commands).await?;
        self.answers().await
    }

    /// A mission comes back by the name of the site, and the certificate is of the reader's authority.
    async fn answers(&self) -> Result<String, Failure> {
        let ca = self.folder.join("home/ca.pem");
        let inventory = "ansible/inventory/production/secrets/ca.pem";
        let view = format!("ansible-vault view {inventory} >'{}'", ca.display());
        self.types(&[&self.again()[..], &[view]].concat()).await?;
        let mut ask = Command::new("curl");
        ask.args(["--silent", "--show-error", "--fail", "--request", "POST", "--cacert"]).arg(ca);
        ask.args(["--resolve", &format!("{SITE}:443:{}", self.machines.address(MANAGER))]);
        ask.arg(format!("https://{SITE}/missions"));
        let said = output(ask).await?;
        expect(said.contains("\"objective\""), || format!("no mission: {said}"))?;
        Ok("a mission comes back".into())
    }

    /// What a reader writes into the copy of the example: a script that does it.
    fn edit(&self) -> Result<PathBuf, Failure> {
        let hosts = "ansible/inventory/production/hosts.yml";
        let mut lines = Vec::new();
        for (name, example) in NAMES.into_iter().zip(["11", "12", "13"]) {
            lines.push(format!(
                "sed -i 's/192\\.0\\.2\\.{example}$/{}/' {hosts}",
                self.machines.address(name)
            ));
        }
        let (key, common) = ssh_arguments();
        let vars = format!(
            "    ansible_ssh_private_key_file: {}\\n    ansible_ssh_common_args: {common}",
            key.display()
        );
        lines.push(format!("sed -i 's|^    ansible_user: root$|&\\n{vars}|' {hosts}"));
        let variables = "ansible/inventory/production/group_vars/all/main.yml";
        lines.push(format!(
            "sed -i '/^docker_registry/d; /^application_[a-z_]*image:/d' {variables}"
        ));
        let Images { spymission, rabbitmq, mysql, nginx, prometheus } = &self.images;
        lines.push(format!(
            "cat >>{variables} <<'END'\napplication_image: {spymission}\napplication_rabbitmq_image: {rabbitmq}\n\
             application_mysql_image: {mysql}\napplication_nginx_image: {nginx}\n\
             application_prometheus_image: {prometheus}\napplication_watch: true\n\
             application_overlay_encrypted: {}\ndocker_insecure_registries: [\"{}\"]\nEND",
            self.encrypted,
            self.machines.registry()
        ));
        let script = self.folder.join("edit.sh");
        fs::write(&script, lines.join("\n"))?;
        Ok(script)
    }

    async fn looks(&self) -> Result<String, Failure> {
        let release = "sed -n 's/^SPYMISSION_RELEASE=//p' /etc/spymission/release.env";
        let release = self.on_manager(release).await?;
        let commands = self.commands("Scale, observe, drain", '#');
        for command in &commands {
            self.again_until_done(&command.replace("RELEASE", release.trim())).await?;
        }
        Ok(format!("{} commands", commands.len()))
    }

    /// A machine that takes tasks again is not complete at once: `settled` says so with 2.
    async fn again_until_done(&self, command: &str) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            match self.on_manager(command).await {
                Err(why) if why.to_string().contains("not yet: ") && began.elapsed() < PATIENCE => {
                    sleep(Duration::from_secs(2)).await;
                }
                done => return done.map(drop),
            }
        }
    }

    async fn operates(&self) -> Result<String, Failure> {
        let commands = self.commands("Operate", '#');
        for command in &commands {
            self.on_manager(&command.replace(" IMAGE ", &format!(" {} ", self.images.spymission)))
                .await?;
        }
        Ok(format!("{} commands", commands.len()))
    }

    async fn upgrades(&self) -> Result<String, Failure> {
        let commands = self.commands("Upgrade and roll back", '$');
        let commands: Vec<_> =
            commands.iter().map(|line| line.replace("NAME@sha256:…", &self.next)).collect();
        self.types(&[&self.again()[..], &commands].concat()).await?;
        self.answers().await
    }

    /// Then a rollback, which keeps the new secrets: to the version that the first one left.
    async fn rotates(&self) -> Result<String, Failure> {
        let commands = self.commands("Rotate secrets", '$');
        self.types(&[&self.again()[..], &commands].concat()).await?;
        self.answers().await?;
        let [enter, _, back] = &self.commands("Upgrade and roll back", '$')[..] else {
            return Err("the guide has other commands".into());
        };
        self.types(&[&self.again()[..], &[enter.clone(), back.clone()]].concat()).await?;
        let image = "docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}'";
        let runs = self.on_manager(&format!("{image} spymission_decider")).await?;
        expect(runs.trim() == self.next, || format!("{runs} runs"))?;
        self.answers().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_of_the_guide_has_commands() {
        let guide = fs::read_to_string(root().join(GUIDE)).unwrap();
        for (heading, prompt, count) in [
            ("Install", '$', 6),
            ("Upgrade and roll back", '$', 3),
            ("Scale, observe, drain", '#', 8),
            ("Operate", '#', 2),
            ("Back up and restore", '#', 7),
            ("Return to a moment", '#', 3),
            ("A lost manager", '#', 4),
            ("A lost manager", '$', 1),
            ("Rotate secrets", '$', 4),
        ] {
            assert_eq!(commands(&guide, heading, prompt).len(), count, "{heading}");
        }
    }
}
