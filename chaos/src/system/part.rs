//! One process of the system.

use std::path::{Path, PathBuf};
use std::time::Duration;

use schemas::Role;
use testkit::process::{Process, mortal, poll};
use testkit::servers::{Port, call};

use super::clock::Clock;
use super::line::Line;
use super::logins::Logins;
use crate::failure::Failure;

/// How long a process may take until it is ready, or until it has stopped.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that can be started again with the same settings.
pub(crate) struct Part {
    pub(crate) role: Role,
    pub(crate) number: usize,
    process: Process,
    arguments: Vec<String>,
    port: Port,
    log: PathBuf,
    clock: Option<Clock>,
}

impl Part {
    pub(super) fn start(
        program: &Path,
        dir: &Path,
        logins: &Logins,
        (role, number): (Role, usize),
        clock: Option<&Clock>,
    ) -> Result<Self, Failure> {
        let port = Port::free()?;
        let at = format!("127.0.0.1:{}", port.number());
        let gateway = role == Role::Gateway;
        let line = if gateway { Line::GatewaysToBroker } else { Line::WorkersToBroker };
        let file = |line| logins.file(line).display().to_string();
        let mut arguments: Vec<String> = role.command().into_iter().map(str::to_owned).collect();
        arguments.extend(["--broker-file".to_owned(), file(line)]);
        if role.duties().database {
            arguments.extend(["--database-file".to_owned(), file(Line::ToDatabase)]);
        }
        let flag = if gateway { "--listen" } else { "--status" };
        arguments.extend([flag.to_owned(), at]);
        if gateway {
            arguments.extend(["--drain".to_owned(), "1".to_owned()]);
        }
        let log = dir.join(format!("{}-{number}.log", role.name()));
        let clock = clock.cloned();
        let process = launch(program, &arguments, &log, clock.as_ref())?;
        Ok(Self { role, number, process, arguments, port, log, clock })
    }

    /// Starts it again, after its end.
    ///
    /// # Errors
    /// The program does not start.
    pub(crate) fn restart(&mut self, program: &Path) -> Result<(), Failure> {
        self.process.kill();
        self.process = launch(program, &self.arguments, &self.log, self.clock.as_ref())?;
        Ok(())
    }

    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// SIGTERM. Whether it ended by itself.
    pub(crate) fn stop(&self) -> bool {
        self.process.terminate(PATIENCE)
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.role.name(), self.number)
    }

    /// `http://host:port`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until it says that it is ready.
    ///
    /// # Errors
    /// It is not ready in time; with its log.
    pub(crate) fn await_ready(&self) -> Result<(), Failure> {
        let ready = || call(&self.url(), "GET", "/readyz", "").ok().filter(|r| r.status == 200);
        let answered = poll(PATIENCE, ready);
        answered.map(drop).ok_or_else(|| format!("{}: {}", self.name(), self.log()).into())
    }

    /// The value of a gauge on its page of metrics, all labels added.
    pub(crate) fn gauge(&self, name: &str) -> Option<f64> {
        let page = call(&self.url(), "GET", "/metrics", "").ok()?.body;
        let of = |line: &str| {
            let rest = line.strip_prefix(name)?;
            let own = rest.starts_with(' ') || rest.starts_with('{');
            own.then(|| rest.rsplit(' ').next()?.parse::<f64>().ok())?
        };
        Some(page.lines().filter_map(of).sum())
    }
}

fn launch(
    program: &Path,
    arguments: &[String],
    log: &Path,
    clock: Option<&Clock>,
) -> Result<Process, Failure> {
    let mut command = mortal(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SPYMISSION_") {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    if let Some(clock) = clock {
        clock.of(&mut command);
    }
    Ok(Process::start(command, log)?)
}
