//! Facts about Ansible: it makes bare machines a swarm that works; run again, it changes nothing.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::ansible::Ansible;
use crate::facts::{Facts, expect};
use crate::machines::{MANAGER, Machines};
use crate::swarm::OTHER;
use crate::vault::Vault;
use xtask::Failure;

/// Flags with which Ansible prints the most, to look for passwords in its output.
const TALKATIVE: [&str; 2] = ["--diff", "-vv"];

/// Shows them on new machines.
pub(crate) async fn show(
    facts: &mut Facts,
    machines: &Machines,
    ansible: &Ansible,
) -> Result<(), Failure> {
    facts.prove("check mode on bare machines says what it skips", bare(ansible)).await?;
    let mut said = String::new();
    let first = first(ansible, &mut said);
    facts.prove("Ansible makes a swarm that answers, of secrets in a vault", first).await?;
    let tight = tight(machines, ansible, &said);
    facts.prove("passwords are in the vault and where they are needed only", tight).await?;
    facts.prove("Ansible again changes nothing", second(ansible)).await?;
    facts
        .prove("check mode on installed machines says what would change", installed(ansible))
        .await?;
    facts.prove("the firewall takes what it should and no more", firewall(machines)).await
}

async fn bare(ansible: &Ansible) -> Result<String, Failure> {
    let said = ansible.play("site.yml", &["--check"]).await?.said;
    let skips = skips(&said);
    // Firewall, Docker and swarm on three machines, the stack on one.
    expect(skips >= 10, || format!("it says so {skips} times"))?;
    Ok(format!("{skips} times"))
}

async fn first(ansible: &Ansible, said: &mut String) -> Result<String, Failure> {
    let recap = ansible.play("site.yml", &TALKATIVE).await?;
    expect(recap.changed > 20, || format!("it changed only {}", recap.changed))?;
    *said = recap.said;
    Ok(format!("{} changes, a mission came back through nginx", recap.changed))
}

async fn tight(machines: &Machines, ansible: &Ansible, said: &str) -> Result<String, Failure> {
    let shown = Vault::of(ansible.inventory()).is_tight(machines, said).await?;
    Ok(format!("{shown}; none in what Ansible said, logged or put aside; on the manager all 0600"))
}

async fn second(ansible: &Ansible) -> Result<String, Failure> {
    let recap = ansible.play("site.yml", &[]).await?;
    expect(recap.changed == 0, || changes(&recap.said))?;
    Ok("changed=0".into())
}

async fn installed(ansible: &Ansible) -> Result<String, Failure> {
    let louder = ["--check", "--extra-vars", "application_log=debug"];
    let changed = ansible.play("upgrade.yml", &louder).await?.changed;
    expect(changed > 0, || "other settings would change nothing".to_owned())?;
    let recap = ansible.play("site.yml", &["--check"]).await?;
    expect(recap.changed == 0, || changes(&recap.said))?;
    expect(skips(&recap.said) == 0, || "it skips something".to_owned())?;
    Ok(format!("with other settings changed={changed}; that changed nothing: changed=0"))
}

/// From this machine, which is not in the swarm, and from one that is.
async fn firewall(machines: &Machines) -> Result<String, Failure> {
    for (port, open) in [(22, true), (80, true), (443, true), (2377, false), (7946, false)] {
        let address: SocketAddr = format!("{}:{port}", machines.address(MANAGER)).parse()?;
        let answer = timeout(Duration::from_secs(3), TcpStream::connect(address)).await;
        let answers = matches!(answer, Ok(Ok(_)));
        expect(answers == open, || format!("{port} is open to strangers: {answers}"))?;
    }
    for port in [2377, 7946] {
        let address = machines.address(MANAGER);
        let ask = format!("timeout 5 bash -c 'exec 3<>/dev/tcp/{address}/{port}'");
        machines.ssh(OTHER, &ask).await?;
    }
    Ok("strangers: 22, 80, 443, not 2377 and 7946; machines: those too".into())
}

/// How many tasks were skipped, by their messages and not by the names of tasks.
fn skips(said: &str) -> usize {
    let says = |line: &&str| line.contains("check mode skips") && !line.starts_with("TASK");
    said.lines().filter(says).count()
}

/// Which tasks changed something.
pub(crate) fn changes(said: &str) -> String {
    let mut task = "";
    let mut found = Vec::new();
    for line in said.lines() {
        if line.starts_with("TASK") {
            task = line;
        } else if line.starts_with("changed:") {
            found.push(format!("{} {line}", task.trim_end_matches('*')));
        }
    }
    found.join("\n")
}
