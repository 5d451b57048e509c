//! `spymission health`: whether the process beside us is ready, for whoever watches over it.
#![expect(clippy::print_stdout, reason = "the outcome of the command")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::Failure;
use crate::cli;

/// Nobody who watches waits longer than this.
const DEADLINE: Duration = Duration::from_secs(4);

/// What `/readyz` answers, of a gateway or of a worker.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Readiness {
    status: String,
    why: Option<String>,
    broker: Option<String>,
    workers: Option<String>,
    database: Option<String>,
}

/// Asks, and says in one line what came out.
///
/// # Errors
/// It is not ready, or nobody answers.
pub(crate) async fn run(settings: cli::Health) -> Result<(), Failure> {
    let places: Vec<SocketAddr> =
        settings.status.status.into_iter().chain([settings.listen]).map(reachable).collect();
    let mut unheard = Vec::new();
    for place in places {
        match ask(place).await {
            Ok((ready, told)) if ready => {
                println!("{told}");
                return Ok(());
            }
            Ok((_, told)) => return Err(Failure::Check(told)),
            Err(why) => unheard.push(format!("{place}: {why}")),
        }
    }
    Err(Failure::Check(format!("not ready: nobody answers at {}", unheard.join(", nor at "))))
}

/// Who listens everywhere is asked at home.
fn reachable(mut place: SocketAddr) -> SocketAddr {
    match place.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => place.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => place.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    place
}

/// Whether it is ready, and a line about it; or why there was no answer.
async fn ask(place: SocketAddr) -> Result<(bool, String), String> {
    let client = crate::tools::client::builder().no_proxy().timeout(DEADLINE).build();
    let client = client.map_err(|error| error.to_string())?;
    let sent = client.get(format!("http://{place}/readyz")).send().await;
    let answer = sent.map_err(|error| match error.is_timeout() {
        true => format!("no answer within {} s", DEADLINE.as_secs()),
        false => "no connection".to_owned(),
    })?;
    let code = answer.status();
    let body = answer.text().await.unwrap_or_default();
    let readiness: Readiness = serde_json::from_str(&body)
        .map_err(|_| format!("it answers {} and says nothing of readiness", code.as_u16()))?;
    Ok((code.is_success(), readiness.line()))
}

impl Readiness {
    fn line(&self) -> String {
        let parts = [
            ("", &self.why, ""),
            ("broker: ", &self.broker, "up"),
            ("workers: ", &self.workers, "answering"),
            ("database: ", &self.database, "up"),
        ];
        let told = parts.into_iter().filter_map(|(name, said, good)| {
            let said = said.as_deref().filter(|said| *said != good)?;
            Some(format!("{name}{said}"))
        });
        let told: Vec<String> = told.collect();
        if told.is_empty() {
            return self.status.clone();
        }
        format!("{}: {}", self.status, told.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_asked_at_home() {
        for (listens, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("10.0.0.7:81", "10.0.0.7:81"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asked);
        }
    }

    #[test]
    fn what_is_well_is_not_mentioned() {
        let line = |json: &str| serde_json::from_str::<Readiness>(json).unwrap().line();
        assert_eq!(line(r#"{"status":"ready","broker":"up","database":"up"}"#), "ready");
        let degraded =
            r#"{"status":"degraded","broker":"up","workers":"silent","database":"away"}"#;
        assert_eq!(line(degraded), "degraded: workers: silent; database: away");
        assert_eq!(line(r#"{"status":"not ready","why":"starting"}"#), "not ready: starting");
    }
}
