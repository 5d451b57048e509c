//! What is done to machines, passwords and servers of a swarm that runs.

use std::time::Instant;

use crate::facts::{Facts, expect};
use crate::machines::NAMES;
use crate::newer;
use crate::swarm::{FEW, OTHER, PATIENCE, Swarm};
use crate::swarm_facts;
use crate::vault::Vault;
use xtask::Failure;

/// The secrets that are renewed: one role of each server, and the deployment's own.
const ROTATED: [&str; 4] =
    ["broker-number", "broker-operator", "database-gateway", "database-migrate"];
/// The certificates that are renewed with them, by the same authority, and their keys.
const CERTIFICATES: [&str; 6] =
    ["nginx.pem", "nginx.key", "rabbitmq.pem", "rabbitmq.key", "mysql.pem", "mysql.key"];

/// Shows them.
pub(crate) async fn show(facts: &mut Facts, s: &Swarm<'_>) -> Result<(), Failure> {
    facts.prove("a worker machine is drained under load", drain(s)).await?;
    let fact = "another setting of Docker restarts one machine after the other";
    facts.prove(fact, restart(s)).await?;
    facts.prove("passwords and certificates are rotated under load", rotate(s)).await?;
    newer::show(facts, s).await
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

/// Each is emptied first. One that was emptied by hand stays so, and one that an earlier run has emptied
/// before it was cut works again.
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
    s.machines.ssh(OTHER, "touch /etc/docker/spymission.emptied").await?; // as a run that was cut
    s.ansible.play("site.yml", &[]).await?;
    let left = s.say(&availability).await?;
    expect(left.trim() == "active", || format!("{OTHER} is still {left}"))?;
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

async fn rotate(s: &Swarm<'_>) -> Result<String, Failure> {
    let vault = Vault::of(s.ansible.inventory());
    let old = (vault.password("broker-number").await?, vault.password("database-gateway").await?);
    expect(enters(s, &old).await? == [true, true], || {
        "the passwords were wrong before".to_owned()
    })?;
    let certificate = s.certificate().await?;
    let act = async {
        vault.renew(&[&ROTATED[..], &CERTIFICATES].concat()).await?;
        s.ansible.play("site.yml", &[]).await
    };
    let (_, answers) = s.under_load(FEW, act).await?;
    s.all_stand(&answers).await?;
    expect(s.certificate().await? != certificate, || "nginx has the old certificate".to_owned())?;
    expect(enters(s, &old).await? == [false, false], || "an old password still works".to_owned())?;
    let new = (vault.password("broker-number").await?, vault.password("database-gateway").await?);
    expect(enters(s, &new).await? == [true, true], || "a new password does not work".to_owned())?;
    let again = s.ansible.play("upgrade.yml", &[]).await?;
    expect(again.changed == 0, || crate::ansible_facts::changes(&again.said))?;
    let named = "docker secret ls --format '{{.Name}}' | \
        grep -c -e _broker-number_ -e _database-gateway_";
    let left = s.say(named).await?;
    expect(left.trim() == "2", || format!("{left} versions of two secrets are left"))?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!(
        "{} and certificates at once, old ones are refused and gone, all {} confirmed stand; {answers}; again changed=0; then {later}",
        ROTATED.join(", "),
        answers.ids.len()
    ))
}

/// Whether the number worker can log in to the broker and the gateway to the database with these.
async fn enters(
    s: &Swarm<'_>,
    (broker, database): &(String, String),
) -> Result<[bool; 2], Failure> {
    let container = |name: &str| {
        format!(
            "docker exec $(docker ps --quiet --filter label=com.docker.swarm.service.name=spymission_{name})"
        )
    };
    let ask = format!(
        "{} rabbitmqctl --quiet authenticate_user number {broker} >/dev/null 2>&1; echo $?; \
         {} env MYSQL_PWD={database} mysql --no-defaults --host=127.0.0.1 --user=gateway \
         --execute 'SELECT 1' spymission >/dev/null 2>&1; echo $?",
        container("rabbitmq"),
        container("mysql")
    );
    let said = s.say(&ask).await?;
    let codes: Vec<&str> = said.split_whitespace().collect();
    match codes.as_slice() {
        [broker, database] => Ok([*broker == "0", *database == "0"]),
        other => Err(format!("no two codes: {other:?}").into()),
    }
}
