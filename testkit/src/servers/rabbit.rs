//! A RabbitMQ node of our own.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

use super::epmd::Epmd;
use super::http::{call, encode};
use super::port::Port;
use super::rabbit_files::{self, Ports};
use super::shared::{Error, tail};
use super::vhost::Vhost;
use crate::process::{Process, find, mortal, poll};

/// How long a node may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A RabbitMQ node with its own directory and ports; both are removed when it is dropped.
#[derive(Debug)]
pub struct Rabbit {
    server: Process, // fields are dropped in this order: the directory goes last
    epmd: Arc<Epmd>,
    amqp: Port,
    dist: Port,
    management: Port,
    program: PathBuf,
    dir: TempDir,
}

impl Rabbit {
    /// Starts a node and waits until it speaks AMQP.
    pub fn start() -> Result<Self, Error> {
        let node = Self::launch(&Arc::new(Epmd::start()?), Port::free()?, |_| Ok(()))?;
        node.await_amqp()?;
        Ok(node)
    }

    /// Starts a node that also listens with TLS at this port. `files` holds `ca.pem`, `server.pem` and
    /// `server.key`; a client needs a certificate of that authority.
    pub fn start_with_tls(port: &Port, files: &Path) -> Result<Self, Error> {
        let listen = |dir: &Path| rabbit_files::listen_with_tls(dir, port.number(), files);
        let node = Self::launch(&Arc::new(Epmd::start()?), Port::free()?, listen)?;
        node.await_amqp()?;
        Ok(node)
    }

    /// Launches a node to whose files `more` adds something. Whoever calls this waits for it.
    pub(super) fn launch(
        epmd: &Arc<Epmd>,
        amqp: Port,
        more: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<Self, Error> {
        let program = rabbit_files::program().ok_or(Error::Missing("rabbitmq-server"))?;
        let dir = TempDir::with_prefix("rabbit-")?;
        let (dist, management, epmd) = (Port::free()?, Port::free()?, Arc::clone(epmd));
        let ports = numbers(&amqp, &dist, &management, &epmd);
        rabbit_files::write(dir.path(), &ports, &program)?;
        more(dir.path())?;
        let server = launch(&program, &dir, &ports)?;
        Ok(Self { server, epmd, amqp, dist, management, program, dir })
    }

    /// Whether the server is installed.
    pub fn installed() -> bool {
        rabbit_files::program().is_some() && find("epmd").is_some()
    }

    /// The AMQP URL of a virtual host, `/` being the one that always exists.
    pub fn amqp_url(&self, vhost: &str) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/{}", self.amqp.number(), encode(vhost))
    }

    /// `host:port` of AMQP.
    pub fn place(&self) -> String {
        format!("127.0.0.1:{}", self.amqp.number())
    }

    /// Its name in Erlang.
    pub fn name(&self) -> String {
        rabbit_files::node_name(self.amqp.number())
    }

    /// The management HTTP API, as `http://host:port`.
    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.management.number())
    }

    /// The version that its management API says.
    pub fn version(&self) -> Result<String, Error> {
        let reply = call(&self.management_url(), "GET", "/api/overview?disable_stats=true", "")?;
        let overview: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let version = overview.get("rabbitmq_version").and_then(Value::as_str);
        version.map(str::to_owned).ok_or(Error::Refused(reply.body))
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// See [`Process::cpu`].
    pub fn cpu(&self) -> Duration {
        self.server.cpu()
    }

    /// A virtual host of its own on this node.
    pub fn vhost(&self) -> Vhost {
        let amqp = format!("amqp://guest:guest@127.0.0.1:{}", self.amqp.number());
        Vhost::create(&amqp, &self.management_url())
    }

    /// Whether its first start has ended. It speaks AMQP a moment before.
    pub(super) fn has_started(&self) -> bool {
        let log = self.dir.path().join("log").join(self.name()).with_extension("log");
        std::fs::read_to_string(log).is_ok_and(|log| log.contains("Server startup complete"))
    }

    /// SIGKILL. The data is kept, except for what [`settle`](Self::settle) describes.
    pub fn kill(&self) {
        self.server.kill();
    }

    /// Waits until a kill cannot lose a queue. RabbitMQ 3.10 writes the list of its quorum queues
    /// only after half a second without changes: a queue that was declared just before a SIGKILL is
    /// empty and has no leader after the restart, even if messages were confirmed.
    pub fn settle(&self) {
        let _ = poll(Duration::from_millis(1_500), || self.server.ended());
    }

    /// A regular shutdown by SIGTERM; the data is kept.
    pub fn stop(&self) {
        self.server.terminate(PATIENCE);
    }

    /// Starts again on the same ports and data, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill();
        let ports = numbers(&self.amqp, &self.dist, &self.management, &self.epmd);
        self.server = launch(&self.program, &self.dir, &ports)?;
        self.await_amqp()
    }

    /// SIGSTOP: connections stay open and nothing answers.
    pub fn pause(&self) {
        self.server.pause();
    }

    /// SIGCONT: ends a [`pause`](Self::pause).
    pub fn resume(&self) {
        self.server.resume();
    }

    /// Raises a memory alarm, in which the node reads nothing from publishers, or clears it.
    pub fn alarm(&self, on: bool) -> Result<(), Error> {
        let watermark = if on { "0.0000001" } else { "0.4" };
        self.control(&["set_vm_memory_high_watermark", watermark]).map(drop)
    }

    /// Evaluates an Erlang expression on the node; its value, as Erlang writes it.
    pub fn eval(&self, expression: &str) -> Result<String, Error> {
        self.control(&["--silent", "eval", expression])
    }

    /// `rabbitmqctl` of this node.
    pub fn rabbitmqctl(&self) -> Command {
        let ports = numbers(&self.amqp, &self.dist, &self.management, &self.epmd);
        let mut command = mortal(self.program.with_file_name("rabbitmqctl"));
        rabbit_files::environment(&mut command, self.dir.path(), &ports);
        command
    }

    /// Calls `rabbitmqctl`; its output.
    fn control(&self, arguments: &[&str]) -> Result<String, Error> {
        let mut command = self.rabbitmqctl();
        command.args(arguments);
        let log = NamedTempFile::new_in(self.dir.path())?;
        let control = Process::start(command, log.path())?;
        let ended = poll(PATIENCE, || control.ended());
        let output = std::fs::read_to_string(log.path())?;
        match ended {
            Some(status) if status.success() => Ok(output),
            _ => Err(Error::Silent { server: "rabbitmqctl", log: output }),
        }
    }

    /// Waits until it speaks AMQP.
    pub(super) fn await_amqp(&self) -> Result<(), Error> {
        let port = self.amqp.number();
        let up = poll(PATIENCE, || {
            if self.server.ended().is_some() { Some(false) } else { speaks_amqp(port) }
        });
        if up == Some(true) {
            return Ok(());
        }
        self.kill();
        let log = tail(&self.dir.path().join("server.log"));
        Err(Error::Silent { server: "RabbitMQ", log })
    }
}

fn numbers(amqp: &Port, dist: &Port, management: &Port, epmd: &Epmd) -> Ports {
    Ports {
        amqp: amqp.number(),
        dist: dist.number(),
        management: management.number(),
        epmd: epmd.port(),
    }
}

fn launch(program: &PathBuf, dir: &TempDir, ports: &Ports) -> Result<Process, Error> {
    let mut command = mortal(program);
    rabbit_files::environment(&mut command, dir.path(), ports);
    command.current_dir(dir.path());
    Ok(Process::start(command, &dir.path().join("server.log"))?)
}

/// Sends the protocol header; a broker that is up begins with a method frame (`connection.start`).
fn speaks_amqp(port: u16) -> Option<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(b"AMQP\x00\x00\x09\x01").ok()?;
    let mut kind = [0];
    stream.read_exact(&mut kind).ok()?;
    (kind == [1]).then_some(true)
}
