//! A Prometheus of our own.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::http::{call, encode};
use super::port::Port;
use super::shared::{Error, tail};
use crate::process::{Process, find, mortal, poll};

/// How long it may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Prometheus with a directory and a port of its own; both are removed when it is dropped.
#[derive(Debug)]
pub struct Prometheus {
    server: Process, // fields are dropped in this order: the directory goes last
    port: Port,
    dir: TempDir,
}

impl Prometheus {
    /// Starts one with this configuration file, and waits until it answers.
    ///
    /// # Errors
    /// It is not installed, or does not come up.
    pub fn start(config: &Path) -> Result<Self, Error> {
        let program = find("prometheus").ok_or(Error::Missing("prometheus"))?;
        let (dir, port) = (TempDir::with_prefix("prometheus-")?, Port::free()?);
        let mut command = mortal(program);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", dir.path().join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{}", port.number()));
        let server = Process::start(command, &dir.path().join("server.log"))?;
        let started = Self { server, port, dir };
        started.await_ready()?;
        Ok(started)
    }

    /// Whether Prometheus and its tool are installed.
    pub fn installed() -> bool {
        ["prometheus", "promtool"].iter().all(|name| find(name).is_some())
    }

    /// What an expression gives now: one entry for each series.
    ///
    /// # Errors
    /// It does not answer, or does not understand the expression.
    pub fn query(&self, expression: &str) -> Result<Vec<Value>, Error> {
        let answer = self.ask(&format!("query?query={}", encode(expression)))?;
        Ok(entries(&answer, "/data/result"))
    }

    /// The labels of the alerts that fire.
    ///
    /// # Errors
    /// It does not answer.
    pub fn firing(&self) -> Result<Vec<Value>, Error> {
        let alerts = entries(&self.ask("alerts")?, "/data/alerts").into_iter();
        let firing = alerts.filter(|alert| alert.get("state").is_some_and(|s| s == "firing"));
        Ok(firing.filter_map(|alert| alert.get("labels").cloned()).collect())
    }

    fn ask(&self, path: &str) -> Result<Value, Error> {
        let reply = call(&self.url(), "GET", &format!("/api/v1/{path}"), "")?;
        if reply.status != 200 {
            return Err(Error::Refused(format!("{path}: {}", reply.body)));
        }
        serde_json::from_str(&reply.body).map_err(|error| Error::Refused(error.to_string()))
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    fn await_ready(&self) -> Result<(), Error> {
        let ready = || call(&self.url(), "GET", "/-/ready", "").is_ok_and(|r| r.status == 200);
        let up = poll(PATIENCE, || {
            if self.server.ended().is_some() { Some(false) } else { ready().then_some(true) }
        });
        if up == Some(true) {
            return Ok(());
        }
        let log = tail(&self.dir.path().join("server.log"));
        Err(Error::Silent { server: "Prometheus", log })
    }
}

fn entries(answer: &Value, list: &str) -> Vec<Value> {
    answer.pointer(list).and_then(Value::as_array).cloned().unwrap_or_default()
}
