//! Machines of the swarm that are emptied, by hand or by a playbook.

use std::time::{Duration, Instant};

use crate::facts::{Facts, expect};
use crate::machines::NAMES;
use crate::swarm::{OTHER, Swarm};
use crate::swarm_facts;
use xtask::Failure;

pub(crate) const PATIENCE: Duration = Duration::from_secs(240);
/// Enough connections to see refused requests; more would slow down what is tried.
pub(crate) const FEW: usize = 8;

/// Shows them.
pub(crate) async fn show(facts: &mut Facts, s: &Swarm<'_>) -> Result<(), Failure> {
    facts.prove("a worker machine is drained under load", drain(s)).await?;
    facts.prove("another setting of Docker restarts one machine after the other", restart(s)).await
}

async fn drain(s: &Swarm<'_>) -> Result<String, Failure> {
    let empty = format!("docker node ps --filter desired-state=running --quiet {OTHER} | wc -l");
    let going = "docker stack ps --filter desired-state=running --format '{{.CurrentState}}' \
        spymission | grep -vc ^Running || true";
    let act = async {
        let began = Instant::now();
        s.say(&format!("docker node update --availability drain {OTHER}")).await?;
        s.await_said(&empty, PATIENCE, |said| said.trim() == "0").await?;
        s.await_said(going, PATIENCE, |said| said.trim() == "0").await?;
        // A container that is stopped has 35 s.
        let rest = format!(
            "docker node ps --format '{{{{.CurrentState}}}}' {OTHER} | grep -c ^Running || true"
        );
        s.await_said(&rest, PATIENCE, |said| said.trim() == "0").await?;
        Ok(began.elapsed())
    };
    let (time, answers) = s.under_load(FEW, act).await?;
    s.say(&format!("docker node update --availability active {OTHER}")).await?;
    answers.without_failure()?;
    s.all_stand(&answers).await?;
    Ok(format!("empty after {:.0} s; {answers}", time.as_secs_f64()))
}

/// Each is emptied first. One that was emptied by hand stays so.
async fn restart(s: &Swarm<'_>) -> Result<String, Failure> {
    let before = started(s).await?;
    s.say(&format!("docker node update --availability drain {OTHER}")).await?;
    s.ansible.give("docker_log_size", "21m")?;
    let (_, answers) = s.under_load(FEW, s.ansible.play("site.yml", &[])).await?;
    let after = started(s).await?;
    expect(after.iter().zip(&before).all(|(after, before)| after != before), || {
        format!("not all were restarted: {before:?}, {after:?}")
    })?;
    let availability = format!("docker node inspect --format '{{{{.Spec.Availability}}}}' {OTHER}");
    let left = s.say(&availability).await?;
    expect(left.trim() == "drain", || format!("{OTHER} is {left}"))?;
    s.say(&format!("docker node update --availability active {OTHER}")).await?;
    let mut times = after;
    times.sort_unstable();
    times.dedup();
    expect(times.len() == NAMES.len(), || format!("at the same time: {times:?}"))?;
    s.all_stand(&answers).await?;
    let later = swarm_facts::all_served(s).await?;
    Ok(format!("{answers}; all confirmed stand; then {later}"))
}

/// When Docker was started on each machine, in seconds since 1970.
async fn started(s: &Swarm<'_>) -> Result<Vec<u64>, Failure> {
    let ask =
        "date --date \"$(systemctl show --property ActiveEnterTimestamp --value docker)\" +%s";
    let mut times = Vec::new();
    for name in NAMES {
        times.push(s.machines.ssh(name, ask).await?.trim().parse()?);
    }
    Ok(times)
}
