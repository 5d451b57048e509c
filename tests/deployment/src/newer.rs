//! Newer servers in the place of those that run, as `docs/swarm.md` says.

use crate::facts::{Facts, expect};
use crate::stand_ins;
use crate::swarm::{FEW, PATIENCE, Swarm};
use xtask::Failure;

/// A server of which two versions can be had.
struct Server {
    /// Its service, and its image in `compose/images`.
    name: &'static str,
    /// What tells its version in a container.
    version: [&'static str; 2],
}

const BROKER: Server = Server { name: "rabbitmq", version: ["rabbitmqctl", "version"] };
const PROMETHEUS: Server = Server { name: "prometheus", version: ["prometheus", "--version"] };

impl Server {
    /// On its container.
    fn inside(&self, command: &str) -> String {
        format!(
            "docker exec $(docker ps --quiet --filter health=healthy --filter \
             label=com.docker.swarm.service.name=spymission_{}) {command}",
            self.name
        )
    }

    /// The version that runs. Waits until it is healthy.
    async fn running(&self, s: &Swarm<'_>) -> Result<String, Failure> {
        let ask = self.inside(&self.version.join(" "));
        s.await_said(&format!("{ask} || true"), PATIENCE, |said| version(said).is_some()).await?;
        told(&s.say(&ask).await?)
    }

    /// Lets the next deployment have the newest image; none if that is not newer.
    async fn give_newest(&self, s: &Swarm<'_>) -> Result<Option<Newer>, Failure> {
        let image = stand_ins::newest(self.name).await?;
        let said = stand_ins::said_by(&image, self.version).await?;
        let (before, after) = (self.running(s).await?, told(&said)?);
        if numbers(&after) <= numbers(&before) {
            return Ok(None);
        }
        let variable = format!("application_{}_image", self.name);
        s.ansible.give(&variable, &s.machines.push(&image).await?)?;
        Ok(Some(Newer { before, after }))
    }
}

/// What runs, and what is to take its place.
struct Newer {
    before: String,
    after: String,
}

/// Shows it, where newer ones can be had.
pub(crate) async fn show(facts: &mut Facts, s: &Swarm<'_>) -> Result<(), Failure> {
    let broker = BROKER.give_newest(s).await?;
    let prometheus = PROMETHEUS.give_newest(s).await?;
    let began = s.say("date +%s").await?;
    let played = broker.is_some();
    let fact = "RabbitMQ is replaced by a newer version under load";
    match broker {
        Some(newer) => facts.prove(fact, replaced(s, &newer)).await?,
        None => facts.skip(fact, "no newer one than that which runs"),
    }
    let fact = "Prometheus is replaced by a newer version, which has what was counted";
    match prometheus {
        Some(newer) => facts.prove(fact, counts_on(s, &newer, began.trim(), played)).await,
        None => {
            facts.skip(fact, "no newer one than that which runs");
            Ok(())
        }
    }
}

async fn replaced(s: &Swarm<'_>, newer: &Newer) -> Result<String, Failure> {
    let act = async {
        enable_flags(s).await?;
        s.ansible.play("site.yml", &[]).await?;
        enable_flags(s).await
    };
    let (_, answers) = s.under_load(FEW, act).await?;
    s.all_stand(&answers).await?;
    let now = runs(s, &BROKER, newer).await?;
    let flags = s.say(&BROKER.inside("rabbitmqctl --quiet list_feature_flags")).await?;
    let on = |line: &str| line.split_whitespace().last() == Some("enabled");
    let some = flags.lines().any(on);
    let off: Vec<_> = flags.lines().skip(1).filter(|line| !on(line)).collect(); // below the heading
    expect(some && off.is_empty(), || format!("flags are off: {off:?} of {flags}"))?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!("{now}, all confirmed stand; {answers}; then {later}"))
}

async fn enable_flags(s: &Swarm<'_>) -> Result<(), Failure> {
    let enable = BROKER.inside("rabbitmqctl --quiet enable_feature_flag all && echo enabled");
    s.await_said(&format!("{enable} || true"), PATIENCE, |said| said.contains("enabled")).await
}

/// `before` is a time, in seconds since 1970, when the older one ran. The play that replaced the broker has
/// replaced it, too.
async fn counts_on(
    s: &Swarm<'_>,
    newer: &Newer,
    before: &str,
    played: bool,
) -> Result<String, Failure> {
    if !played {
        s.ansible.play("site.yml", &[]).await?;
    }
    let now = runs(s, &PROMETHEUS, newer).await?;
    let query = format!("promtool query instant --time={before} http://127.0.0.1:9090 'count(up)'");
    let counted = s.say(&PROMETHEUS.inside(&query)).await?;
    expect(counted.contains("=> "), || format!("what was counted is gone: {counted:?}"))?;
    Ok(now)
}

/// The newer one runs now, and not the one before.
async fn runs(s: &Swarm<'_>, server: &Server, newer: &Newer) -> Result<String, Failure> {
    let now = server.running(s).await?;
    let Newer { before, after } = newer;
    expect(now == *after, || format!("{now} runs, not {after}"))?;
    Ok(format!("{before} became {after}"))
}

/// The first word that begins with a number, in what a server says of itself.
fn version(said: &str) -> Option<String> {
    let mut words = said.split_whitespace();
    words.find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}

/// The version in what a server says of itself.
fn told(said: &str) -> Result<String, Failure> {
    version(said).ok_or_else(|| format!("no version in {said:?}").into())
}

/// The numbers of a version, to compare.
fn numbers(version: &str) -> Vec<u32> {
    let numbers = version.split(|c: char| !c.is_ascii_digit());
    numbers.map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(numbers("4.3.6") > numbers("4.0.15"));
        assert!(numbers("4.10.0") > numbers("4.9.9"));
        let prometheus = version("prometheus, version 3.5.3+ds1 (branch: debian/sid)").unwrap();
        assert!(numbers(&prometheus) > numbers("2.53.3+ds1") && prometheus == "3.5.3+ds1");
        assert_eq!(version("Error: no node runs\n"), None);
    }
}
