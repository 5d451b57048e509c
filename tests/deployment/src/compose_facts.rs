//! Facts about Compose: start, load, scaling, failures, backup and restore.

use std::cell::Cell;

use schemas::{Part, Role};

use crate::asks::{Answers, Asks};
use crate::composition::{Composition, PROJECT};
use crate::docker::{docker, inspect, output, workplace};
use crate::facts::{Facts, expect};
use crate::{
    developer, nginx, operators, outage, prune, rights, rotation, runbook, silence, watch,
};
use xtask::Failure;

/// Shows them, and takes the deployment down unless it is to be kept.
pub(crate) async fn show(facts: &mut Facts, keep: bool) -> Result<(), Failure> {
    let mut c = Composition::new().await?;
    let _ = c.compose(&["--profile", "*", "down", "--volumes", "--remove-orphans"]).await; // of a run that was cut off
    facts.prove("servers for developers", developer::servers(&mut c)).await?;
    let c = c;
    let shown = story(facts, &c).await;
    if shown.is_err() {
        let log = workplace().join("compose.log");
        std::fs::write(&log, c.compose(&["logs", "--timestamps"]).await.unwrap_or_default())?;
        eprintln!("the logs of all containers are in {}", log.display());
    }
    if keep {
        eprintln!("it is left running: {}", c.door());
        return shown;
    }
    let down = facts.prove("down leaves nothing", down(&c)).await;
    shown.and(down)
}

async fn story(facts: &mut Facts, c: &Composition) -> Result<(), Failure> {
    facts.prove("docker compose up --wait returns when a mission came back", up(c)).await?;
    facts.prove("nginx is the only door", nginx::closed(c)).await?;
    facts.prove("events pass nginx as they come", nginx::events(c)).await?;
    facts.prove("each user may do what its role needs and no more", rights::least(c)).await?;
    facts.prove("`spymission check` passes", rights::check(c)).await?;
    facts.prove("at first nobody may open the operations page", operators::closed(c)).await?;
    facts.prove("operators may, from listed addresses", operators::listed(c)).await?;
    facts.prove("10,000 missions through nginx", many(c)).await?;
    facts.prove("what is old is deleted when that is switched on", prune::deletes(c)).await?;
    facts.prove("every command of the runbook runs as it is printed", runbook::runs(c)).await?;
    facts.prove("--scale works for every role", scale(c)).await?;
    facts.prove("Prometheus finds every replica", watch::sees(c, &scales())).await?;
    facts.prove("gateways come and go under keyless POSTs", come_and_go(c)).await?;
    facts.prove("gateways that vanish without a word turn nobody away", silence::vanish(c)).await?;
    facts.prove("a gateway falls silent under callers who wait", silence::costs(c)).await?;
    facts.prove("kill -9 loses nothing", outage::kill_each(c)).await?;
    facts.prove("passwords and a certificate are replaced", rotation::replaces(c)).await?;
    let fact = "a backup restores what was wiped, and replaces what stands";
    facts.prove(fact, backup(c)).await
}

async fn up(c: &Composition) -> Result<String, Failure> {
    c.compose(&["up", "--detach", "--wait", "--quiet-pull"]).await?;
    let rows = c.rows().await?;
    let healthy = c.compose(&["ps", "--format", "{{.Health}}"]).await?;
    let (all, well) = (healthy.lines().count(), well(&healthy));
    let limit = ["exec", "-T", "rabbitmq", "rabbitmqctl", "--quiet", "eval"];
    let limit = [&limit[..], &["vm_memory_monitor:get_memory_limit()."]].concat();
    let limit: u64 = c.compose(&limit).await?.trim().parse()?;
    expect(limit < 1 << 30, || format!("RabbitMQ takes messages up to {limit} bytes of 1 GiB"))?;
    expect(rows == 1, || format!("{rows} missions stand after the probe"))?;
    expect(all == well, || format!("{well} of {all} containers are healthy"))?;
    Ok(format!("{all} containers are healthy, the probe's mission stands"))
}

/// How many of these lines say `healthy`; `unhealthy` is another word.
fn well(said: &str) -> usize {
    said.lines().filter(|health| health.trim() == "healthy").count()
}

async fn many(c: &Composition) -> Result<String, Failure> {
    let before = c.rows().await?;
    let answers = Asks { count: 10_000, connections: 64, key: None }.send(c).await?;
    let rows = c.rows().await? - before;
    expect(answers.with(201) == 10_000 && answers.ids.len() == 10_000 && rows == 10_000, || {
        format!("{answers}, {} ids, {rows} rows", answers.ids.len())
    })?;
    expect(answers.ids.is_subset(&c.ids().await?), || "an answer has no row".to_owned())?;
    Ok(format!("{answers}, as many rows"))
}

/// The role that gets one replica more than the others.
const MOST: Role = Role::Part(Part::Number);

/// How many replicas each role gets.
fn scales() -> [(&'static str, usize); Role::ALL.len()] {
    Role::ALL.map(|role| (role.name(), if role == MOST { 4 } else { 3 }))
}

async fn scale(c: &Composition) -> Result<String, Failure> {
    let scales = scales();
    let flags = scales.map(|(service, replicas)| format!("{service}={replicas}"));
    let mut arguments = vec!["up", "--detach", "--wait", "--no-recreate"];
    arguments.extend(flags.iter().flat_map(|flag| ["--scale", flag]));
    c.compose(&arguments).await?;
    for (service, replicas) in scales {
        let there = c.compose(&["ps", "--format", "{{.Health}}", service]).await?;
        let healthy = well(&there);
        expect(healthy == replicas, || format!("{service}: {healthy} healthy"))?;
    }
    let gateways = gateways_used(c, 600).await?;
    expect(gateways == 3, || format!("nginx uses {gateways} of 3 gateways"))?;
    Ok("four number workers, three of each other role, nginx uses all three gateways".into())
}

/// Sends this many requests, and counts the gateways that replied.
async fn gateways_used(c: &Composition, count: u32) -> Result<usize, Failure> {
    let lines = c.compose(&["logs", "--no-log-prefix", "nginx"]).await?.lines().count();
    let answers = Asks { count, connections: 32, key: None }.send(c).await?;
    expect(answers.failed() == 0, || format!("{answers}"))?;
    let log = c.compose(&["logs", "--no-log-prefix", "nginx"]).await?;
    let upstream =
        |line: &str| Some(line.split_once("\"gateway\":\"")?.1.split_once('"')?.0.to_owned());
    let used: std::collections::BTreeSet<_> =
        log.lines().skip(lines).filter_map(upstream).filter(|at| at.contains(':')).collect();
    Ok(used.len())
}

async fn come_and_go(c: &Composition) -> Result<String, Failure> {
    let before = c.rows().await?;
    let over = Cell::new(false);
    let asking = async {
        let mut all = Answers::default();
        while !over.get() {
            all.add(Asks { count: 1_000, connections: 32, key: None }.send(c).await?);
        }
        Ok(all)
    };
    let scaling = async {
        c.await_rows(before + 200).await?;
        for gateways in ["gateway=5", "gateway=1", "gateway=2"] {
            c.scale_gateways(gateways).await?;
        }
        over.set(true);
        Ok::<_, Failure>(())
    };
    let (answers, ()) = tokio::try_join!(asking, scaling)?;
    expect(answers.failed() == 0 && answers.with(201) > 1_000, || format!("{answers}"))?;
    Ok(format!("3, 5, 1, 2 gateways at 32 connections: {answers}"))
}

async fn backup(c: &Composition) -> Result<String, Failure> {
    let file = workplace().join("backup.sql.gz").display().to_string();
    let before = c.ids().await?;
    output(c.script("backup.sh", &[&file])).await?;
    let refused = output(c.script("restore.sh", &[&file])).await;
    expect(refused.is_err(), || "restore.sh overwrote what stands".to_owned())?;
    c.compose(&["down", "--volumes"]).await?;
    output(c.script("restore.sh", &[&file])).await?;
    let after = c.ids().await?;
    let lost = before.difference(&after).count();
    // The probe at start asks for the same mission as before.
    expect(lost == 0 && after.len() == before.len(), || {
        format!("{lost} lost of {}, {} stand", before.len(), after.len())
    })?;
    Asks { count: 10, connections: 1, key: None }.send(c).await?; // no backup has these
    let script = r#"echo "replace $1 missions" | ./restore.sh --replace "$2""#;
    let standing = (before.len() + 9).to_string(); // without that of the probe
    c.in_compose(&["-c", script, "replace", &standing, &file]).await?;
    expect(c.ids().await? == before, || "not all of the backup stand".to_owned())?;
    let aside = c.sql("operator", "SELECT COUNT(*) FROM spymission_replaced.missions").await?;
    expect(aside.trim() == (before.len() + 10).to_string(), || format!("{aside} were put aside"))?;
    c.in_compose(&["-c", &runbook::command("docker compose exec -T mysql ")?]).await?;
    Ok(format!("{} missions saved, wiped, restored, and restored again", before.len()))
}

async fn down(c: &Composition) -> Result<String, Failure> {
    let gateway = c.container("gateway").await?;
    let (pid, code) = ("{{.State.Pid}}", "{{.State.ExitCode}}");
    expect(inspect(&gateway, pid).await? != "0", || "the gateway does not run".to_owned())?;
    c.compose(&["stop"]).await?;
    let code = inspect(&gateway, code).await?;
    expect(code == "0", || format!("a gateway ended with {code}"))?;
    c.compose(&["--profile", "*", "down", "--volumes", "--remove-orphans"]).await?;
    for kind in ["container", "volume", "network"] {
        let ours = format!("label=com.docker.compose.project={PROJECT}");
        let left = output(docker([kind, "ls", "--quiet", "--filter", &ours])).await?;
        expect(left.is_empty(), || format!("a {kind} is left: {left}"))?;
    }
    Ok("roles end with 0; containers, volumes and networks are gone".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_that_is_not_healthy_is_not_counted() {
        assert_eq!(well("healthy\nunhealthy\nstarting\n\nhealthy\n"), 2);
    }
}
