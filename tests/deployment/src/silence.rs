//! Gateways that vanish without a word, and what their callers notice.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::asks::Asks;
use crate::composition::{Composition, PROJECT};
use crate::docker::{docker, inspect, output};
use crate::facts::expect;
use crate::nginx::shell;
use xtask::Failure;

/// Callers of each kind: with a key, and without.
const CALLERS: u8 = 6;
/// How long nginx waits for a gateway that is silent, with some time for a busy machine.
const SILENCE: Duration = Duration::from_secs(25);

/// What two gateways have in hand, as their own metrics say.
const IN_HAND: &str = "spymission_missions_in_flight";

/// Four of five gateways are killed at once. DNS still returns their addresses, which do not answer.
pub(crate) async fn vanish(c: &Composition) -> Result<String, Failure> {
    c.scale_gateways("gateway=5").await?;
    let gateways = c.compose(&["ps", "--quiet", "gateway"]).await?;
    output(docker(["rm", "--force"].into_iter().chain(gateways.lines().skip(1)))).await?;
    let answers = Asks { count: 60, connections: 60, key: None }.send(c).await?;
    expect(answers.with(201) == 60, || answers.to_string())?;
    c.scale_gateways("gateway=2").await?;
    Ok(format!("four of five removed by force, then 60 at once: {answers}"))
}

/// One vanishes from the network while callers wait for it. Those with a key are answered by the other
/// one; those without learn that it was silent.
pub(crate) async fn costs(c: &Composition) -> Result<String, Failure> {
    c.compose(&["pause", "letter"]).await?; // so that callers wait
    let mut callers = JoinSet::new();
    for number in 0..2 * CALLERS {
        let key = (number < CALLERS).then(|| format!("Idempotency-Key: silence-{number}"));
        let mut caller = caller(c, key.as_deref());
        callers.spawn(async move { caller.kill_on_drop(true).output().await });
    }
    let gateways = c.compose(&["ps", "--quiet", "gateway"]).await?;
    all_wait(c, &gateways).await?;
    let gone = gateways.lines().next().ok_or("no gateway")?;
    let network = format!("{PROJECT}_inside");
    output(docker(["network", "disconnect", "--force", &network, gone])).await?;
    let began = Instant::now();
    c.compose(&["unpause", "letter"]).await?;
    let mut said = Vec::new();
    while let Some(answered) = callers.join_next().await {
        said.push(String::from_utf8_lossy(&answered??.stdout).into_owned());
    }
    let waited = began.elapsed();
    let count = |line: &str| said.iter().filter(|answer| answer.trim() == line).count();
    let (keyed, keyless, refused) = (count("with 201"), count("without 201"), count("without 503"));
    let half = usize::from(CALLERS);
    expect(keyed == half && keyless + refused == half && refused > 0, || format!("{said:?}"))?;
    expect(waited < SILENCE, || format!("the last one waited {waited:?}"))?;
    output(docker(["rm", "--force", gone])).await?;
    c.compose(&["up", "--detach", "--wait", "--no-recreate", "--no-deps", "gateway"]).await?;
    Ok(format!(
        "{keyed} with a key answered, {refused} without told after {:.0} s, {keyless} were at the other",
        waited.as_secs_f64()
    ))
}

/// Asks once, and prints whether it had a key, and the status.
fn caller(c: &Composition, key: Option<&str>) -> tokio::process::Command {
    let missions = format!("{}/missions", c.door());
    let shown = if key.is_some() { "with %{http_code}" } else { "without %{http_code}" };
    let mut arguments = vec!["--output", "/dev/null", "--write-out", shown, "--request", "POST"];
    arguments.extend(["--header", "Prefer: wait=40"]);
    arguments.extend(key.iter().flat_map(|key| ["--header", key]));
    arguments.push(&missions);
    shell(c, "", &arguments)
}

/// Waits until every caller waits at one of these gateways, and each has some.
async fn all_wait(c: &Composition, gateways: &str) -> Result<(), Failure> {
    let address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let mut addresses = Vec::new();
    for gateway in gateways.lines() {
        addresses.push(inspect(gateway, address).await?);
    }
    let began = Instant::now();
    loop {
        let mut in_hand = Vec::new();
        for address in &addresses {
            let metrics = format!("http://{address}:8080/metrics");
            let said = c.compose(&["exec", "-T", "nginx", "curl", "--silent", &metrics]).await?;
            let line = said.lines().find(|line| line.starts_with(IN_HAND));
            let value = line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
            in_hand.push(value.ok_or_else(|| format!("no {IN_HAND} in {said}"))?);
        }
        let all: f64 = in_hand.iter().sum();
        if all >= f64::from(2 * CALLERS) && in_hand.iter().all(|some| *some > 0.0) {
            return Ok(());
        }
        expect(began.elapsed() < SILENCE, || format!("in hand: {in_hand:?}"))?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
