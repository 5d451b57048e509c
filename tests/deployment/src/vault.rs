//! Secrets as operators keep them: each file encrypted with ansible-vault.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::docker::output;
use crate::facts::expect;
use crate::machines::{MANAGER, Machines, NAMES, SITE, folder};
use crate::tools::{beside_tools, password_file, tool};
use xtask::Failure;
use xtask::workspace::root;

/// The secrets of an inventory.
pub(crate) struct Vault {
    folder: PathBuf,
}

impl Vault {
    /// Where the playbooks look for them.
    pub(crate) fn of(inventory: &Path) -> Self {
        Self { folder: inventory.join("secrets") }
    }

    /// Makes new ones, as `docs/swarm.md` says. The certificate of the authority is also written where callers find it.
    ///
    /// # Errors
    /// A command failed.
    pub(crate) async fn make(&self) -> Result<(), Failure> {
        let open = folder().join("secrets");
        for old in [&self.folder, &open] {
            let _ = fs::remove_dir_all(old); // of the run before
        }
        let mut random = Command::new("openssl");
        random.args(["rand", "-hex", "24"]);
        fs::write(password_file(), output(random).await?)?;
        self.complete().await?;
        fs::create_dir_all(&open)?;
        let mut view = tool("ansible-vault");
        view.arg("view").arg(self.folder.join("ca.pem"));
        fs::write(open.join("ca.pem"), output(view).await?)?;
        Ok(())
    }

    /// Makes new ones for some, as `docs/swarm.md` says.
    ///
    /// # Errors
    /// A command failed.
    pub(crate) async fn renew(&self, names: &[&str]) -> Result<(), Failure> {
        for name in names {
            fs::remove_file(self.folder.join(name))?;
        }
        self.complete().await
    }

    async fn complete(&self) -> Result<(), Failure> {
        let mut make = beside_tools(root().join("compose/secrets.sh"));
        make.arg("--vault").arg(&self.folder).arg(SITE);
        output(make).await.map(drop)
    }

    fn names(&self) -> Result<Vec<String>, Failure> {
        let entries = fs::read_dir(&self.folder)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// The password in the address that a file holds.
    ///
    /// # Errors
    /// It cannot be decrypted, or holds no address.
    pub(crate) async fn password(&self, name: &str) -> Result<String, Failure> {
        let passwords = self.read(&[name.to_owned()]).await?;
        Ok(passwords.into_iter().next().ok_or_else(|| format!("{name} holds no password"))?)
    }

    async fn read(&self, names: &[String]) -> Result<Vec<String>, Failure> {
        let mut view = tool("ansible-vault");
        view.arg("view").args(names.iter().map(|name| self.folder.join(name)));
        let said = output(view).await?;
        let addresses = said.lines().filter_map(|line| line.split_once("://")?.1.split_once('@'));
        Ok(addresses.filter_map(|(login, _)| Some(login.split_once(':')?.1.to_owned())).collect())
    }

    /// Passwords are only in the vault and where the machines need them.
    ///
    /// # Errors
    /// A password is elsewhere; says where.
    pub(crate) async fn is_tight(
        &self,
        machines: &Machines,
        said: &str,
    ) -> Result<String, Failure> {
        let names = self.names()?;
        for name in &names {
            let text = fs::read_to_string(self.folder.join(name))?;
            expect(text.starts_with("$ANSIBLE_VAULT;"), || format!("{name} is not encrypted"))?;
        }
        let logins: Vec<String> = names
            .into_iter()
            .filter(|n| n.starts_with("broker-") || n.starts_with("database-"))
            .collect();
        let passwords = self.read(&logins).await?;
        expect(passwords.len() == logins.len() && !logins.is_empty(), || {
            format!("{} passwords of {} logins", passwords.len(), logins.len())
        })?;
        let mut list = tool("ansible-inventory");
        list.arg("--inventory").arg(self.folder.with_file_name("")).arg("--list");
        let listed = output(list).await?; // a file beside the hosts may be taken for more of them
        let shown =
            passwords.iter().any(|password| said.contains(password) || listed.contains(password));
        expect(!shown, || "Ansible printed a password".to_owned())?;
        at_home(&passwords).await?;
        for name in NAMES {
            on(machines, name, &passwords).await?;
        }
        Ok(format!("{} passwords", passwords.len()))
    }
}

/// The logs and temporary files of Ansible on this machine.
async fn at_home(passwords: &[String]) -> Result<(), Failure> {
    let list = folder().join("passwords");
    fs::write(&list, passwords.join("\n"))?;
    let mut find = Command::new("sh");
    find.args(["-c", r#"grep -rlFf "$1" "$2" | grep -vxF "$1" || true"#, "find"]);
    let found = output({
        find.arg(&list).arg(folder());
        find
    })
    .await;
    fs::remove_file(&list)?;
    let found = found?;
    expect(found.is_empty(), || format!("a password is in {found}"))
}

/// Files, logs and the journal of a machine, without the memory from which Docker mounts secrets.
async fn on(machines: &Machines, name: &str, passwords: &[String]) -> Result<(), Failure> {
    let find = format!(
        "printf '%s\\n' {} >/run/passwords; grep -rlFf /run/passwords --exclude-dir=mounts /etc /root /home /tmp /var/tmp \
         /var/log /var/backups /var/lib/docker/containers; \
         journalctl --output=cat | grep -cFf /run/passwords | sed 's/^0$//'; rm /run/passwords; \
         find /etc/spymission/secrets /etc/spymission/deployed -type f ! -perm 600 2>&1",
        passwords.join(" ")
    );
    let found = machines.ssh(name, &format!("{{ {find}; }} || true")).await?;
    let mine = |line: &&str| {
        let known = ["/etc/spymission/secrets/", "/etc/spymission/deployed/"];
        name == MANAGER && known.iter().any(|folder| line.starts_with(folder))
    };
    let absent = |line: &&str| name != MANAGER && line.contains("No such file");
    let (held, rest): (Vec<&str>, Vec<&str>) =
        found.lines().filter(|line| !line.is_empty() && !absent(line)).partition(mine);
    expect(rest.is_empty(), || format!("{name} has a password in {rest:?}"))?;
    // Every address, and two of them once more; each once: all are of mode 0600.
    let right = if name == MANAGER { passwords.len() + 2 } else { 0 };
    expect(held.len() == right, || format!("{name} holds {held:?}"))
}
