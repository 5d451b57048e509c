//! Facts about Ansible: bare machines become a swarm that answers, and stay as they are.

use super::ansible::Ansible;
use super::compose_facts::expect;
use super::facts::Facts;
use crate::Failure;

/// Shows them on machines that nobody touched yet.
pub(super) async fn show(facts: &mut Facts, ansible: &Ansible) -> Result<(), Failure> {
    facts.prove("check mode on bare machines says what it skips", bare(ansible)).await?;
    facts.prove("Ansible makes a swarm that answers", first(ansible)).await?;
    facts.prove("Ansible again changes nothing", second(ansible)).await?;
    facts.prove("check mode on installed machines changes nothing", installed(ansible)).await
}

async fn bare(ansible: &Ansible) -> Result<String, Failure> {
    let said = ansible.play("site.yml", &["--check"]).await?.said;
    let skips: Vec<&str> = said.lines().filter(|line| line.contains("check mode skips")).collect();
    let enough = skips.len() >= 7; // Docker and the swarm on three machines, the stack on one
    expect(enough, || format!("it says so {} times", skips.len()))?;
    Ok(format!("{} times", skips.len()))
}

async fn first(ansible: &Ansible) -> Result<String, Failure> {
    let changed = ansible.play("site.yml", &[]).await?.changed;
    expect(changed > 20, || format!("it changed only {changed}"))?;
    Ok(format!("{changed} changes, a mission came back through nginx"))
}

async fn second(ansible: &Ansible) -> Result<String, Failure> {
    let recap = ansible.play("site.yml", &[]).await?;
    expect(recap.changed == 0, || changes(&recap.said))?;
    Ok("changed=0".into())
}

async fn installed(ansible: &Ansible) -> Result<String, Failure> {
    let recap = ansible.play("site.yml", &["--check"]).await?;
    expect(recap.changed == 0, || changes(&recap.said))?;
    expect(!recap.said.contains("check mode skips"), || "it skips something".to_owned())?;
    Ok("changed=0, nothing is skipped".into())
}

/// Which tasks changed something.
fn changes(said: &str) -> String {
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
