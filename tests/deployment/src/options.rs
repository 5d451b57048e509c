//! Facts about what an operator of the swarm can switch on: the operations page, Prometheus, pruning.

use std::path::Path;

use schemas::Role;
use tokio::process::Command;

use crate::ansible::replicas;
use crate::docker::output;
use crate::facts::{Facts, expect};
use crate::machines::{MANAGER, folder};
use crate::swarm::{OTHER, Swarm, in_mysql};
use crate::{prune, rights, signing, watch};
use xtask::Failure;

/// The replicas of the services that delete what is old, and what there are of them at first.
const PRUNES: &str = "docker service ls --filter name=spymission_prune --format '{{.Replicas}}'";
const OFF: &str = "0/0\n0/0\n";

/// Shows them.
pub(crate) async fn show(facts: &mut Facts, s: &Swarm<'_>, next: &str) -> Result<(), Failure> {
    facts.prove("`spymission check` passes on the swarm", check(s)).await?;
    facts.prove("operators of the swarm have the page, others have not", operators(s)).await?;
    facts.prove("Prometheus finds every task on all machines", watched(s)).await?;
    facts.prove("the swarm deletes what is old when that is switched on", pruned(s)).await?;
    facts.prove("Ansible refuses settings that cannot work", refused(s)).await?;
    facts.prove("an image that the operator has not signed is refused", signed(s, next)).await
}

/// As `docs/swarm.md` says.
async fn check(s: &Swarm<'_>) -> Result<String, Failure> {
    let tool = "docker run --rm --network=spymission --user=0:0 --read-only --cap-drop=ALL \
        --volume=/etc/spymission/secrets:/run/secrets:ro \
        --env=SPYMISSION_BROKER_FILE=/run/secrets/broker-operator \
        --env=SPYMISSION_DATABASE_FILE=/run/secrets/database-operator";
    rights::passed(&s.say(&format!("{tool} {} check", s.images.spymission)).await?)
}

/// This machine's address is listed. That of a machine of the swarm is not.
async fn operators(s: &Swarm<'_>) -> Result<String, Failure> {
    let page = format!("https://{}/operations", s.machines.address(MANAGER));
    let token = s.say("cat /etc/spymission/secrets/operator-token").await?;
    let bearer = format!("Authorization: Bearer {}", token.trim());
    let asked = |more: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--insecure", "--include"]).args(more);
        output(curl)
    };
    let without = asked(&[&page]).await?;
    expect(without.starts_with("HTTP/2 401"), || format!("without the token: {without}"))?;
    let with = asked(&["--header", &bearer, &page]).await?;
    expect(with.starts_with("HTTP/2 200"), || format!("with the token: {with}"))?;
    let form = format!("token={}", token.trim());
    let login = asked(&["--data", &form, &format!("{page}/login")]).await?;
    let secure = login.lines().any(|l| l.starts_with("set-cookie: ") && l.contains("; Secure"));
    expect(secure, || format!("no Secure cookie: {login}"))?;
    let nginx = "docker ps --quiet --filter label=com.docker.swarm.service.name=spymission_nginx";
    let curl = format!("docker exec $({nginx}) curl --silent --insecure --include {page}");
    let stranger = s.machines.ssh(OTHER, &curl).await?;
    expect(stranger.starts_with("HTTP/2 403"), || format!("another address: {stranger}"))?;
    Ok("the page and a Secure cookie for the token; 403 for another machine".into())
}

async fn watched(s: &Swarm<'_>) -> Result<String, Failure> {
    let wanted = replicas(&[(Role::Gateway, 3)]);
    let wanted = wanted.iter().map(|(role, count)| ((*role).to_owned(), usize::from(*count)));
    let wanted = wanted.collect();
    let prometheus = "docker exec $(docker ps --quiet --filter health=healthy --filter \
        label=com.docker.swarm.service.name=spymission_prometheus)";
    let [query @ .., counted] = watch::QUERY;
    let ask = format!("{prometheus} {} '{counted}'", query.join(" "));
    s.await_said(&ask, watch::PATIENCE, |said| watch::counted(said) == wanted).await?;
    let ports = "docker service inspect --format '{{json .Endpoint.Ports}}' spymission_prometheus";
    let ports = s.say(ports).await?;
    expect(ports.trim() == "null", || format!("Prometheus is published: {ports}"))?;
    Ok(format!("all {} tasks; it is not published", wanted.values().sum::<usize>()))
}

async fn pruned(s: &Swarm<'_>) -> Result<String, Failure> {
    prunes_nothing(s).await?;
    s.ask_without_failure(1_000).await?; // old missions are made from these
    s.sql(prune::MAKE).await?;
    let old = s.sql(prune::COUNT).await?;
    expect(old.trim() == prune::BEFORE, || format!("made {old}"))?;
    s.ansible.play("upgrade.yml", &["--extra-vars", "application_prune_older_than=90d"]).await?;
    let count = in_mysql(prune::COUNT);
    s.await_said(&count, prune::PATIENCE, |left| left.trim() == prune::AFTER).await?;
    s.sql(prune::CLEAR).await?;
    Ok("off at first; then 700 old missions and a discarded letter went".into())
}

/// After a deployment that switches it on no more.
pub(crate) async fn prunes_nothing(s: &Swarm<'_>) -> Result<(), Failure> {
    s.await_said(PRUNES, prune::PATIENCE, |said| said == OFF).await
}

/// Before anything is changed.
async fn refused(s: &Swarm<'_>) -> Result<String, Failure> {
    let wrong = [
        (r#"{"application_nginx_image": "nginx:1.30"}"#, "it has to end in a digest"),
        (r#"{"application_operators": ["my laptop"]}"#, "write addresses or networks"),
        (r#"{"application_port_mode": "ingress"}"#, "Behind the mesh"),
        (r#"{"application_prune_older_than": "90 days"}"#, "write 90m, 24h or 90d"),
        (r#"{"application_prune_every": ""}"#, "write 90m, 24h or 90d"),
    ];
    for (variables, fix) in wrong {
        let played = s.ansible.play("upgrade.yml", &["--extra-vars", variables]).await;
        let said = played.err().map(|why| why.to_string()).unwrap_or_default();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        expect(said.contains(fix), || format!("{variables}: {said}"))?;
    }
    Ok(format!("{} of them, each with the fix", wrong.len()))
}

/// The digest that runs is signed. Another one is taken for what somebody has put in its place.
async fn signed(s: &Swarm<'_>, next: &str) -> Result<String, Failure> {
    let secret = folder().join("signing.key");
    signing::make_key(&secret).await?;
    let digest = |image: &str| image.rsplit('@').next().unwrap_or_default().to_owned();
    let (text, signature) = (folder().join("image.signed"), folder().join("image.minisig"));
    std::fs::write(&text, digest(&s.images.spymission) + "\n")?;
    signing::sign(&secret, &text, &signature).await?;
    let stranger = folder().join("stranger.key");
    signing::make_key(&stranger).await?;
    let play = async |image: &str, key: &Path| {
        let variables = serde_json::json!({
            "application_image": image,
            "application_signing_key": signing::public(key)?,
            "application_signature": signature,
        });
        let variables = variables.to_string();
        s.ansible.play("upgrade.yml", &["--check", "--extra-vars", &variables]).await.map(drop)
    };
    play(&s.images.spymission, &secret).await?;
    for (image, key) in [(next, &secret), (s.images.spymission.as_str(), &stranger)] {
        let other = play(image, key).await.err().map(|why| why.to_string()).unwrap_or_default();
        expect(other.contains("is not signed by application_signing_key"), || other.clone())?;
    }
    Ok("the digest that is signed passes; another one, or with the key of a stranger, does not"
        .into())
}
