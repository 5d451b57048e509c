//! Facts about operations: settings, replicas and backups.

use std::fs;
use std::time::Instant;

use schemas::{Part, Role};

use crate::ansible::replicas;
use crate::facts::{Facts, expect};
use crate::machines::folder;
use crate::swarm::{FEW, PATIENCE, Swarm};
use crate::{images, releases};
use xtask::Failure;
use xtask::workspace::root;

/// Shows them.
pub(crate) async fn show(facts: &mut Facts, s: &Swarm<'_>) -> Result<(), Failure> {
    facts.prove("settings that break are taken back, and the playbook fails", settings(s)).await?;
    let fact = "a version that never becomes ready is taken back, and the playbook says so";
    facts.prove(fact, unready(s)).await?;
    facts
        .prove("a version that hangs is not deployed, and the playbook says so", hanging(s))
        .await?;
    facts.prove("they are mended and roles scaled under load", scale(s)).await?;
    let fact = "a deployment mends a database that does not run";
    facts.prove(fact, mends(s)).await?;
    let fact = "a version whose deployment was cut is not the one to return to";
    facts.prove(fact, cut(s)).await?;
    facts.prove("a backup restores what was wiped from the swarm", backup(s)).await?;
    facts.prove("a backup that fails runs the program of the operator", alert(s)).await
}

/// The same image with settings that it refuses.
async fn settings(s: &Swarm<'_>) -> Result<String, Failure> {
    let source = folder().join("refused");
    for part in ["nginx", "rabbitmq", "mysql", "watch"] {
        fs::create_dir_all(source.join(part))?;
        for entry in fs::read_dir(root().join("compose").join(part))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), source.join(part).join(entry.file_name()))?;
            }
        }
    }
    let stack = fs::read_to_string(root().join("compose/stack.yaml"))?;
    let refused = stack.replace(r#"SPYMISSION_DRAIN: "5""#, r#"SPYMISSION_DRAIN: "soon""#);
    expect(refused != stack, || "stack.yaml has no SPYMISSION_DRAIN".to_owned())?;
    fs::write(source.join("stack.yaml"), refused)?;
    let source = format!("application_source={}", source.display());
    let upgrade = async { Ok(s.ansible.play("upgrade.yml", &["--extra-vars", &source]).await) };
    let (played, answers) = s.under_load(FEW, upgrade).await?;
    let said = played.err().map(|why| why.to_string()).ok_or("the playbook succeeded")?;
    expect(said.contains("so it is the settings"), || said.clone())?;
    answers.without_failure()?;
    Ok(answers.to_string())
}

/// With the patience that a deployment has by default.
async fn unready(s: &Swarm<'_>) -> Result<String, Failure> {
    let image = releases::unready(&images::spymission().await?).await?;
    refused(s, &image, &format!("{} runs again", s.images.spymission)).await
}

/// A version whose commands hang is refused before anything is deployed.
async fn hanging(s: &Swarm<'_>) -> Result<String, Failure> {
    let image = releases::hanging(&images::spymission().await?).await?;
    refused(s, &image, "did not make RabbitMQ's users, and nothing was deployed").await
}

/// An upgrade to this image fails and says this; nobody notices.
async fn refused(s: &Swarm<'_>, image: &str, why: &str) -> Result<String, Failure> {
    let variable = format!("application_image={}", s.machines.push(image).await?);
    let began = Instant::now();
    let upgrade = async { Ok(s.ansible.play("upgrade.yml", &["--extra-vars", &variable]).await) };
    let (played, answers) = s.under_load(FEW, upgrade).await?;
    let said = played.err().map(|why| why.to_string()).ok_or("the playbook succeeded")?;
    let words = said.split_whitespace().collect::<Vec<_>>().join(" "); // Ansible breaks lines
    expect(words.contains(why), || said.clone())?;
    s.all_run(&s.images.spymission).await?;
    answers.without_failure()?;
    s.all_stand(&answers).await?;
    Ok(format!("after {:.0} s; {answers}", began.elapsed().as_secs_f64()))
}

/// The tables cannot be prepared before it.
async fn mends(s: &Swarm<'_>) -> Result<String, Failure> {
    s.say("docker service scale --detach spymission_mysql=0").await?;
    let running = "docker ps --quiet --filter label=com.docker.swarm.service.name=spymission_mysql";
    s.await_said(running, PATIENCE, str::is_empty).await?;
    let began = Instant::now();
    s.ansible.play("upgrade.yml", &[]).await?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!("after {:.0} s; then {later}", began.elapsed().as_secs_f64()))
}

/// The gateway runs a version that no playbook has settled.
async fn cut(s: &Swarm<'_>) -> Result<String, Failure> {
    let next = s.machines.push(&releases::next(&images::spymission().await?).await?).await?;
    s.say(&format!("docker service update --quiet --image {next} spymission_gateway")).await?;
    s.ansible.play("upgrade.yml", &["--extra-vars", &format!("application_image={next}")]).await?;
    let now = s.say("cat /etc/spymission/image.previous").await?;
    expect(now.trim() == s.images.spymission, || format!("the version before is {now}"))?;
    s.ansible.play("rollback.yml", &[]).await?;
    s.all_run(&s.images.spymission).await?;
    Ok("the rollback returns to the last that settled".into())
}

/// By hand, and then for good: as long as the variable is given. That run has the settings of before
/// again, and mends what the last one left.
async fn scale(s: &Swarm<'_>) -> Result<String, Failure> {
    let running = |role: &str| {
        format!("docker service ls --filter name=spymission_{role} --format '{{{{.Replicas}}}}'")
    };
    let by_hand = "docker service scale --detach spymission_number=4 spymission_gateway=4";
    let replicas = replicas(&[(Role::Part(Part::Number), 3)]);
    let replicas = serde_json::json!({ "application_replicas": replicas }).to_string();
    let act = async {
        s.say(by_hand).await?;
        s.await_said(&running("number"), PATIENCE, |said| said.trim() == "4/4").await?;
        s.await_said(&running("gateway"), PATIENCE, |said| said.trim() == "4/4").await?;
        s.ansible.play("upgrade.yml", &["--extra-vars", &replicas]).await?;
        s.await_said(&running("number"), PATIENCE, |said| said.trim() == "3/3").await?;
        s.await_said(&running("gateway"), PATIENCE, |said| said.trim() == "2/2").await
    };
    let (_, answers) = s.under_load(FEW, act).await?;
    answers.without_failure()?;
    s.all_stand(&answers).await?;
    observe(s).await?;
    Ok(format!("gateways 3, 4, 2 and number 2, 4, 3; {answers}"))
}

/// Where the gateways run, and what they say, as the guide shows it.
async fn observe(s: &Swarm<'_>) -> Result<(), Failure> {
    let tasks = s.say("docker service ps --no-trunc spymission_gateway").await?;
    expect(tasks.contains("spymission_gateway.") && tasks.contains("Running"), || tasks.clone())?;
    let said = s.say("timeout 60 docker service logs spymission_gateway 2>&1").await?;
    expect(said.contains("spymission_gateway."), || format!("no line of a gateway: {said}"))
}

async fn backup(s: &Swarm<'_>) -> Result<String, Failure> {
    let timer = "systemctl is-enabled spymission-backup.timer && systemctl is-active spymission-backup.timer";
    expect(s.say(timer).await? == "enabled\nactive\n", || "there is no timer".to_owned())?;
    let before = s.stored().await?;
    s.say("systemctl start spymission-backup.service").await?;
    let file = s.say("ls /var/backups/spymission/*.sql.gz | tail -n 1").await?;
    let wipe = "docker service scale --detach spymission_mysql=0 && \
        until docker ps --all --quiet --filter volume=spymission_mysql | xargs --no-run-if-empty docker rm && \
        docker volume rm spymission_mysql; do sleep 1; done; \
        docker service scale --detach spymission_mysql=1";
    s.say(&format!("timeout 120 sh -c '{wipe}'")).await?;
    let healthy = "docker ps --quiet --filter health=healthy \
        --filter label=com.docker.swarm.service.name=spymission_mysql | wc -l";
    s.await_said(healthy, PATIENCE, |said| said.trim() == "1").await?;
    let wiped = s.sql("SHOW TABLES").await?;
    expect(wiped.is_empty(), || format!("tables are left: {wiped}"))?;
    let began = Instant::now();
    let restore = format!("spymission-restore {}", file.trim());
    let said = s.say(&restore).await?;
    let time = began.elapsed();
    let after = s.stored().await?;
    expect(after == before, || format!("{} missions of {}", after.len(), before.len()))?;
    let twice = s.say(&restore).await;
    expect(twice.is_err(), || "it restores where missions stand".to_owned())?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!(
        "the volume was removed, {} after {:.1} s; not twice; then {later}",
        said.trim(),
        time.as_secs_f64()
    ))
}

/// It fails when it cannot be copied elsewhere.
async fn alert(s: &Swarm<'_>) -> Result<String, Failure> {
    let program = "printf '#!/bin/sh\\ncat >/run/told\\n' >/usr/local/sbin/tell && chmod 0755 /usr/local/sbin/tell";
    s.say(program).await?;
    s.say("rm -f /run/told").await?;
    s.ansible.give("backup_alert", "/usr/local/sbin/tell")?;
    s.ansible.give("backup_copy", "/bin/false")?;
    s.ansible.play("site.yml", &[]).await?;
    let failed = s.say("systemctl start spymission-backup.service").await;
    expect(failed.is_err(), || "it was made without its copy".to_owned())?;
    let told = "cat /run/told 2>/dev/null || true"; // not there yet
    s.await_said(told, PATIENCE, |said| said.contains(" missions, ")).await?;
    let journal = "journalctl --unit spymission-backup-failed --priority err --output cat";
    let journal = s.say(journal).await?;
    expect(journal.contains("the backup has failed"), || format!("the journal: {journal}"))?;
    s.ansible.give("backup_copy", "")?;
    s.ansible.play("site.yml", &[]).await?;
    s.say("systemctl start spymission-backup.service").await?;
    Ok("with the journal of the backup; then one is made again".into())
}
