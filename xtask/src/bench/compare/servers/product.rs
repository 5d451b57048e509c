//! The product on servers of its own.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use testkit::process::{Process, mortal, poll};
use testkit::servers::{Error, MariaDb, Port, Rabbit, call};

use super::messages::{self, Messages};

/// How long it may take until the first mission is stored, and until the last message is acknowledged.
const PATIENCE: Duration = Duration::from_secs(30);
const DATABASE: &str = "spymission";

/// Every role in one process, RabbitMQ and MariaDB.
pub(super) struct Product {
    _process: Process, // it ends before its servers
    port: Port,
    pub(super) rabbit: Rabbit,
    pub(super) mariadb: MariaDb,
    _dir: TempDir,
}

impl Product {
    /// Starts it and waits for the first mission.
    pub(super) fn start(program: &Path) -> Result<Self, Error> {
        let (rabbit, mariadb, port) = (Rabbit::start()?, MariaDb::start()?, Port::free()?);
        messages::enable(&rabbit)?; // before the first channel is opened
        mariadb.sql(&format!("CREATE DATABASE {DATABASE}"))?;
        let dir = TempDir::with_prefix("compare-")?;
        let mut command = mortal(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPYMISSION_") {
                command.env_remove(name);
            }
        }
        command.current_dir(dir.path()).arg("up");
        command.args(["--broker", &rabbit.amqp_url("/"), "--database", &mariadb.url(DATABASE)]);
        command.args(["--listen", &format!("127.0.0.1:{}", port.number())]);
        let log = dir.path().join("log");
        let process = Process::start(command, &log)?;
        let product = Self { _process: process, port, rabbit, mariadb, _dir: dir };
        let up = poll(PATIENCE, || product.post(1, "").ok());
        let log = || std::fs::read_to_string(log).unwrap_or_default();
        up.ok_or_else(|| Error::Silent { server: "spymission", log: log() })?;
        Ok(product)
    }

    /// Sends so many requests, one after the other; each must be answered with 201.
    pub(super) fn post(&self, requests: u32, body: &str) -> Result<(), Error> {
        let base = format!("http://127.0.0.1:{}", self.port.number());
        for _ in 0..requests {
            let reply = call(&base, "POST", "/missions", body)?;
            if reply.status != 201 {
                return Err(Error::Refused(format!("POST /missions: {reply:?}")));
            }
        }
        Ok(())
    }

    /// The messages so far, once every delivery is acknowledged and nothing moves any more.
    pub(super) fn messages(&self) -> Result<Messages, Error> {
        let mut last = Messages::read(&self.rabbit)?;
        let still = poll(PATIENCE, || {
            let now = Messages::read(&self.rabbit).ok()?;
            let still = now == last && now.are_acknowledged();
            last = now;
            still.then_some(())
        });
        let moving =
            || Error::Refused(format!("RabbitMQ's messages do not come to rest: {last:?}"));
        still.ok_or_else(moving)?;
        Ok(last)
    }
}
