//! `spymission health`: whether the local process is ready, for health checks of orchestrators.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::cli::{Health, HostPort};
use crate::failure::Failure;
use crate::output;

/// How long one answer may take. Orchestrators wait at least 5 s.
const DEADLINE: Duration = Duration::from_secs(4);

/// The answer of `/readyz`, of a gateway or of a worker.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Readiness {
    status: String,
    why: Option<String>,
    broker: Option<String>,
    workers: Option<String>,
    database: Option<String>,
}

/// Asks the process and prints one line about it.
///
/// # Errors
/// It is not ready, or there is no answer.
pub(crate) async fn run(settings: Health) -> Result<(), Failure> {
    let places = settings.status.status.into_iter().chain([settings.at.listen]);
    let mut unheard = Vec::new();
    for place in places.map(reachable) {
        match ask(&place).await {
            Ok((ready, told)) if ready => {
                return output::say(&format!("{told}\n"));
            }
            Ok((_, told)) => return Err(Failure::Check(told)),
            Err(why) => unheard.push(format!("{place}: {why}")),
        }
    }
    Err(Failure::Check(format!("not ready: no answer from {}", unheard.join(", nor from "))))
}

/// Where a process that listens on every address is reached: on this machine's own.
fn reachable(place: HostPort) -> HostPort {
    match place.to_string().parse::<SocketAddr>().map(|place| place.ip()) {
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => place.on("127.0.0.1"),
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => place.on("[::1]"),
        _ => place,
    }
}

/// Returns whether the process is ready, and a line about it; or why there was no answer.
async fn ask(place: &HostPort) -> Result<(bool, String), String> {
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
        .map_err(|_| format!("it answers {} without its readiness", code.as_u16()))?;
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
    fn a_process_that_listens_everywhere_is_asked_on_this_machine() {
        for (listens, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("10.0.0.7:81", "10.0.0.7:81"),
            ("localhost:81", "localhost:81"),
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
