//! The package for Debian, on new machines with systemd: what `docs/debian.md` says, word by word.

use std::fs;
use std::path::PathBuf;

use tokio::process::Command;
use xtask::Failure;
use xtask::workspace::{cargo, root};

use crate::docker::{await_answer, docker, output, remove, workplace};
use crate::facts::{Facts, expect};
use crate::guide::commands;
use crate::images;
use crate::machines::{machine, machine_options};
use crate::{signing, stand_ins};

const GUIDE: &str = "docs/debian.md";
const SUITES: [&str; 2] = ["bookworm", "trixie"];
/// The units that run.
const RUNNING: &str =
    "systemctl list-units --plain --no-legend --state=active 'spymission@*.service'";
/// `systemd-analyze security` rates each unit; 10 is the worst.
const EXPOSED: f64 = 2.0;

/// Shows them.
pub(crate) async fn show(facts: &mut Facts, keep: bool) -> Result<(), Failure> {
    facts.prove("`cargo xtask package` packs the program, twice", pack()).await?;
    facts.prove("what is packed is signed, and a change is noticed", checked()).await?;
    for suite in SUITES {
        let machine = Machine::start(suite, keep).await?;
        let fact = |words: &str| format!("{suite}: {words}");
        facts
            .prove(
                &fact("installed as the guide says, five roles make a mission"),
                installed(&machine),
            )
            .await?;
        facts.prove(&fact("each service may do little"), closed(&machine)).await?;
        facts.prove(&fact("an update under load fails no request"), updated(&machine)).await?;
        facts.prove(&fact("what is removed leaves nothing but data"), removed(&machine)).await?;
    }
    Ok(())
}

/// A new machine, removed when this is dropped.
struct Machine {
    name: String,
    keep: bool,
}

impl Machine {
    async fn start(suite: &str, keep: bool) -> Result<Self, Failure> {
        let machine_image = machine(stand_ins::debian_of(suite).await?).await?;
        let this = Self { name: format!("spymission-lab-{suite}"), keep };
        this.remove();
        let mut run = docker(["run", "--detach", "--name", &this.name, "--hostname", suite]);
        run.args(machine_options("")).args(["--env", LEGACY]).arg(&machine_image);
        output(run).await?;
        // `degraded`: a service of Debian does not run in a container. Before that nothing is mounted.
        await_answer(&this.name, "systemctl is-system-running | grep -Ex 'running|degraded'")
            .await?;
        for revision in [1, 2] {
            let file = packed(revision);
            output(docker(["cp", &file.display().to_string(), &format!("{}:/root/", this.name)]))
                .await?;
        }
        Ok(this)
    }

    /// Runs a script as root, in root's home.
    async fn says(&self, script: &str) -> Result<String, Failure> {
        let run = ["exec", "--workdir", "/root", "--env", "DEBIAN_FRONTEND=noninteractive"];
        output(docker(run.into_iter().chain([&self.name, "bash", "-ec", script]))).await
    }

    fn remove(&self) {
        remove(&self.name);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if !self.keep {
            self.remove();
        }
    }
}

/// systemd 257 starts on the older control groups only if it is told to.
const LEGACY: &str =
    "SYSTEMD_PROC_CMDLINE=systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1";

/// The first has the binary of the last release, the second that of now. They are those of the images:
/// static, and built already.
async fn pack() -> Result<String, Failure> {
    let key = workplace().join("minisign.key");
    signing::make_key(&key).await?;
    for (revision, image) in [(1, images::released().await?), (2, images::spymission().await?)] {
        let binary = binary(&image).await?;
        let mut pack = cargo();
        pack.args(["xtask", "package", "--install", "--revision", &revision.to_string()]);
        pack.arg("--binary").arg(&binary).arg("--sign").arg(&key);
        output(pack).await?;
        fs::copy(root().join("target/package").join(named(revision)), packed(revision))?;
    }
    Ok(format!("{} (the last release) and {}", named(1), named(2)))
}

/// The binary of an image, as a file.
async fn binary(image: &str) -> Result<PathBuf, Failure> {
    let binary = workplace().join("spymission");
    let container = output(docker(["create", image])).await?;
    let from = format!("{}:/spymission", container.trim());
    let copied = output(docker(["cp", &from, &binary.display().to_string()])).await;
    output(docker(["rm", container.trim()])).await?;
    copied.map(|_| binary)
}

/// As the guide says, before and after a byte of a file was changed.
async fn checked() -> Result<String, Failure> {
    let folder = root().join("target/package");
    fs::copy(workplace().join("minisign.pub"), folder.join("minisign.pub"))?;
    let guide = fs::read_to_string(root().join(GUIDE))?;
    let begins = "$ minisign -V ";
    let command =
        guide.lines().find(|line| line.starts_with(begins)).ok_or("the guide checks nothing")?;
    let check = || {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command.trim_start_matches("$ ")]).current_dir(&folder);
        output(shell)
    };
    check().await?;
    let (statement, sums) = (folder.join("provenance.json"), folder.join("SHA256SUMS"));
    for file in [statement, sums] {
        let before = fs::read(&file)?;
        fs::write(&file, [&before[..], b" "].concat())?;
        let refused = check().await.is_err();
        fs::write(&file, before)?;
        expect(refused, || format!("{} was changed, and nobody noticed", file.display()))?;
    }
    Ok("by the command of the guide".into())
}

fn named(revision: u32) -> String {
    format!("spymission_{}-{revision}_amd64.deb", env!("CARGO_PKG_VERSION"))
}

fn packed(revision: u32) -> PathBuf {
    workplace().join(named(revision))
}

/// The commands for root below a heading of the guide, as one script.
fn script(guide: &str, heading: &str) -> String {
    commands(guide, heading, '#').join("\n")
}

async fn installed(machine: &Machine) -> Result<String, Failure> {
    let guide = fs::read_to_string(root().join(GUIDE))?;
    let said = machine.says(&script(&guide, "Install it")).await?;
    expect(said.contains("\"objective\""), || format!("no mission: {said}"))?;
    let running = machine.says(RUNNING).await?;
    expect(running.lines().count() == 5, || running.clone())?;
    machine.says("test -s /usr/share/man/man1/spymission-gateway.1.gz").await?;
    Ok("a mission, and five services".into())
}

async fn closed(machine: &Machine) -> Result<String, Failure> {
    let said = machine
        .says("systemd-analyze security --no-pager spymission@gateway.service | tail -n 1")
        .await?;
    let exposed = said.split_whitespace().find_map(|word| word.parse::<f64>().ok());
    expect(exposed.is_some_and(|exposed| exposed <= EXPOSED), || said.clone())?;
    Ok(said.trim().trim_start_matches("→ ").to_owned())
}

/// `spymission bench` fails when a request does.
async fn updated(machine: &Machine) -> Result<String, Failure> {
    let guide = fs::read_to_string(root().join(GUIDE))?;
    let update = script(&guide, "Update and remove");
    let before = processes(machine).await?;
    let script = format!(
        "spymission bench --url http://127.0.0.1:8080 --connections 16 --seconds 40 --json >bench.json &\n\
         load=$!\n{update}\nwait $load\ncat bench.json"
    );
    let said = machine.says(&script).await?;
    let version = machine.says("dpkg-query --show --showformat='${Version}' spymission").await?;
    expect(version.ends_with("-2"), || format!("{version} is installed"))?;
    let after = processes(machine).await?;
    let new = after.iter().all(|process| !before.contains(process));
    expect(new && after.len() == 5, || format!("not all were restarted: {before:?}, {after:?}"))?;
    let told = |line: &&str| ["\"missions\"", "\"max_ms\""].iter().any(|name| line.contains(name));
    let told: Vec<_> = said.lines().filter(told).map(str::trim).collect();
    Ok(told.join(" ").trim_end_matches(',').to_owned())
}

/// The processes of the services that run.
async fn processes(machine: &Machine) -> Result<Vec<u32>, Failure> {
    let ask = format!("systemctl show --property MainPID --value $({RUNNING} | cut -d' ' -f1)");
    machine.says(&ask).await?.split_whitespace().map(|process| Ok(process.parse()?)).collect()
}

async fn removed(machine: &Machine) -> Result<String, Failure> {
    let left = "find / -xdev -name '*spymission*' -not -path '/proc/*' -not -path '/root/*' \
        -not -path '/var/lib/mysql/*' -not -path '/var/log/*' -not -path '/tmp/*'";
    let rows =
        "mariadb --batch --skip-column-names spymission --execute 'SELECT count(*) FROM missions'";
    let before = machine.says(rows).await?;
    machine.says("apt-get -qq remove -y spymission >/dev/null").await?;
    let processes = machine.says("pgrep --count --exact spymission || true").await?;
    expect(processes.trim() == "0", || format!("{processes} processes run"))?;
    let kept = machine.says("ls /etc/spymission").await?;
    expect(kept.contains("database"), || format!("settings: {kept}"))?;
    machine.says("apt-get -qq purge -y spymission >/dev/null").await?;
    let after = machine.says(rows).await?;
    expect(before == after, || format!("{before} missions before, {after} after"))?;
    let left = machine.says(left).await?;
    expect(left.trim().is_empty(), || left.clone())?;
    Ok(format!("{} missions stay", after.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_commands_for_each_step() {
        let guide = fs::read_to_string(root().join(GUIDE)).unwrap();
        let install = script(&guide, "Install it");
        let packages = format!("apt-get update\napt-get install -y ./{} ", named(1));
        assert!(install.starts_with(&packages), "{install}");
        assert!(install.contains("\nsystemctl enable --now spymission.target\n"), "{install}");
        let update = script(&guide, "Update and remove");
        assert!(update.starts_with(&format!("apt-get install -y ./{}\n", named(2))), "{update}");
        assert!(update.contains("spymission migrate"), "{update}");
    }

    #[test]
    fn the_target_starts_every_role() {
        let target = fs::read_to_string(root().join("package/spymission.target")).unwrap();
        for role in schemas::Role::ALL {
            assert!(target.contains(&format!("spymission@{}.service", role.name())), "{target}");
        }
    }
}
