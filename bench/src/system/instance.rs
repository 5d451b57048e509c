//! One process of the system under load.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use testkit::process::{Process, mortal, poll};
use testkit::servers::{Error, Port, Reply, call};

use super::program::Program;

/// How long a gateway may take until it stores its first mission.
const PATIENCE: Duration = Duration::from_secs(30);

/// One client has at most a quarter of a gateway's connections, and a load is one client.
const CONNECTIONS: &str = "16384";

/// A running `spymission`, with the port that it serves HTTP on.
pub(crate) struct Instance {
    process: Process,
    /// What it is: its command without options.
    name: String,
    log: PathBuf,
    port: Option<Port>,
    is_gateway: bool,
}

impl Instance {
    /// Starts `spymission` with these arguments, its log in `dir`.
    pub(crate) fn start(program: &Program, dir: &Path, arguments: &[&str]) -> Result<Self, Error> {
        let mut command = mortal(&program.0);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPYMISSION_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(dir);
        let words = arguments.iter().take_while(|word| !word.starts_with('-'));
        let name = words.copied().collect::<Vec<_>>().join(" ").replace("worker ", "");
        let log = dir.join(format!("{name}.log"));
        let process = Process::start(command, &log)?;
        Ok(Self { process, name, log, port: None, is_gateway: false })
    }

    /// Starts a gateway on a port of its own.
    pub(crate) fn gateway(
        program: &Program,
        dir: &Path,
        arguments: &[&str],
    ) -> Result<Self, Error> {
        let arguments = [arguments, &["--connections", CONNECTIONS]].concat();
        Ok(Self { is_gateway: true, ..Self::serve(program, dir, &arguments, "--listen")? })
    }

    /// Starts a worker that shows its status on a port of its own.
    pub(crate) fn worker(program: &Program, dir: &Path, arguments: &[&str]) -> Result<Self, Error> {
        Self::serve(program, dir, arguments, "--status")
    }

    fn serve(program: &Program, dir: &Path, arguments: &[&str], flag: &str) -> Result<Self, Error> {
        let port = Port::free()?;
        let at = format!("127.0.0.1:{}", port.number());
        let instance = Self::start(program, dir, &[arguments, &[flag, &at]].concat())?;
        Ok(Self { port: Some(port), ..instance })
    }

    /// Where it serves missions, if it is a gateway.
    pub(crate) fn addr(&self) -> Option<SocketAddr> {
        self.status().filter(|_| self.is_gateway)
    }

    /// Where it serves its metrics.
    pub(crate) fn status(&self) -> Option<SocketAddr> {
        let port = self.port.as_ref()?.number();
        Some((Ipv4Addr::LOCALHOST, port).into())
    }

    /// Waits until it is ready and a mission was stored.
    pub(crate) fn await_mission(&self) -> Result<(), Error> {
        let mut last = String::new();
        let stored = poll(PATIENCE, || {
            for (method, path, wanted) in [("GET", "/readyz", 200), ("POST", "/missions", 201)] {
                match self.ask(method, path) {
                    Ok(reply) if reply.status == wanted => {}
                    other => {
                        last = format!("{method} {path}: {other:?}");
                        return None;
                    }
                }
            }
            Some(())
        });
        stored.ok_or_else(|| Error::Silent { server: "spymission", log: self.log() + &last })
    }

    /// What it replies to one request at its port.
    ///
    /// # Errors
    /// It does not reply.
    pub(crate) fn ask(&self, method: &str, path: &str) -> io::Result<Reply> {
        let base = self.status().map(|addr| format!("http://{addr}")).unwrap_or_default();
        call(&base, method, path, "")
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits for the end of a command that ends by itself. Returns whether it succeeded.
    pub(crate) fn finish(&self) -> bool {
        poll(PATIENCE, || self.process.ended()).is_some_and(|status| status.success())
    }

    /// What it is, and the processor time that it has used.
    pub(crate) fn cpu(&self) -> (String, Duration) {
        (self.name.clone(), self.process.cpu())
    }

    /// See [`Process::memory`].
    pub(crate) fn memory(&self, figure: &str) -> u64 {
        self.process.memory(figure)
    }
}
