//! A newer broker in the place of the one that runs, as `docs/swarm.md` says.

use crate::day_two::{FEW, PATIENCE};
use crate::facts::{Facts, expect};
use crate::stand_ins;
use crate::swarm::Swarm;
use xtask::Failure;

/// In the container of RabbitMQ.
const INSIDE: &str = "docker exec $(docker ps --quiet --filter health=healthy --filter \
    label=com.docker.swarm.service.name=spymission_rabbitmq)";

/// Shows it, where a newer one can be had.
pub(crate) async fn show(facts: &mut Facts, s: &Swarm<'_>) -> Result<(), Failure> {
    let fact = "RabbitMQ is replaced by a newer version under load";
    let image = stand_ins::newer_rabbitmq().await?;
    let before = version(s).await?;
    let newest = stand_ins::rabbitmq_version(&image).await?;
    if numbers(&newest) <= numbers(&before) {
        facts.skip(fact, &format!("{before} runs, and there is none newer than {newest}"));
        return Ok(());
    }
    facts.prove(fact, replaced(s, &image, &before)).await
}

async fn replaced(s: &Swarm<'_>, image: &str, before: &str) -> Result<String, Failure> {
    s.ansible.give("application_rabbitmq_image", &s.machines.push(image).await?)?;
    let act = async {
        enable_flags(s).await?;
        s.ansible.play("site.yml", &[]).await?;
        enable_flags(s).await
    };
    let (_, answers) = s.under_load(FEW, act).await?;
    s.all_stand(&answers).await?;
    let after = version(s).await?;
    expect(after != before, || format!("{before} still runs"))?;
    let flags = s.say(&format!("{INSIDE} rabbitmqctl --quiet list_feature_flags")).await?;
    let on = |line: &str| line.split_whitespace().last() == Some("enabled");
    let some = flags.lines().any(on);
    let off: Vec<_> = flags.lines().skip(1).filter(|line| !on(line)).collect(); // below the heading
    expect(some && off.is_empty(), || format!("flags are off: {off:?} of {flags}"))?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!("{before} became {after}, all confirmed stand; {answers}; then {later}"))
}

async fn enable_flags(s: &Swarm<'_>) -> Result<(), Failure> {
    let enable = format!("{INSIDE} rabbitmqctl --quiet enable_feature_flag all && echo enabled");
    s.await_said(&format!("{enable} || true"), PATIENCE, |said| said.contains("enabled")).await
}

async fn version(s: &Swarm<'_>) -> Result<String, Failure> {
    Ok(s.say(&format!("{INSIDE} rabbitmqctl --quiet version")).await?.trim().to_owned())
}

/// The numbers of a version, to compare.
fn numbers(version: &str) -> Vec<u32> {
    version.trim().split('.').filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(numbers("4.3.6\n") > numbers("4.0.15"));
        assert!(numbers("4.10.0") > numbers("4.9.9"));
    }
}
