//! A MariaDB node of our own.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::geteuid;
use tempfile::TempDir;

use super::disk::Disk;
use super::port::Port;
use super::shared::{Error, tail};
use super::shipped;
use super::sql::sql;
use crate::process::{Process, find, mortal, poll};

/// How long a node may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A MariaDB node with its own directory and port; both are removed when it is dropped.
///
/// A commit is on disk when it is answered, as by default (`innodb_flush_log_at_trx_commit=1`).
#[derive(Debug)]
pub struct MariaDb {
    server: Process, // fields are dropped in this order: the directory goes last
    port: Port,
    program: PathBuf,
    arguments: Vec<String>,
    disk: Option<Disk>,
    dir: TempDir,
}

impl MariaDb {
    /// Starts a node and waits until it greets its clients.
    pub fn start() -> Result<Self, Error> {
        Self::start_with(Vec::new())
    }

    /// The same, with its data on a small disk of its own, where one can be mounted.
    pub fn start_on_own_disk() -> Result<Self, Error> {
        let dir = TempDir::with_prefix("mariadb-")?;
        let disk = Disk::mount(dir.path())?;
        Self::start_in(dir, disk, Vec::new())
    }

    /// Starts a node that speaks TLS, too. `files` holds `ca.pem`, `server.pem` and `server.key`.
    pub fn start_with_tls(files: &Path) -> Result<Self, Error> {
        let argument =
            |(option, file)| format!("--ssl-{option}={}", files.join::<&str>(file).display());
        let named = [("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key")];
        Self::start_with(named.map(argument).to_vec())
    }

    /// The same, with these arguments beside the usual ones.
    pub(super) fn start_with(arguments: Vec<String>) -> Result<Self, Error> {
        Self::start_in(TempDir::with_prefix("mariadb-")?, None, arguments)
    }

    fn start_in(dir: TempDir, disk: Option<Disk>, arguments: Vec<String>) -> Result<Self, Error> {
        let program = find("mariadbd").ok_or(Error::Missing("mariadbd"))?;
        let port = Port::free()?;
        let data = disk.as_ref().map_or(dir.path(), Disk::path).join("data");
        install(&data, dir.path())?;
        let arguments = [vec![datadir(&data)], arguments].concat();
        let server = launch(&program, dir.path(), &port, &arguments)?;
        let node = Self { server, port, program, arguments, disk, dir };
        node.await_greeting()?;
        Ok(node)
    }

    /// Whether server, installer and client are installed.
    pub fn installed() -> bool {
        ["mariadbd", "mariadb-install-db", "mariadb"].iter().all(|name| find(name).is_some())
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The URL of a database; it need not exist. An empty name is the server itself.
    pub fn url(&self, database: &str) -> String {
        format!("mysql://root@127.0.0.1:{}/{database}", self.port.number())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// See [`Process::cpu`].
    pub fn cpu(&self) -> Duration {
        self.server.cpu()
    }

    /// Runs a statement with the `mariadb` client; the rows, columns separated by tabs.
    pub fn sql(&self, statement: &str) -> Result<String, Error> {
        sql(&self.url(""), statement)
    }

    /// [`sql`](Self::sql) for another thread: a session that holds locks while it sleeps.
    pub fn client(&self) -> impl Fn(&str) -> Result<String, Error> + Send + 'static {
        let url = self.url("");
        move |statement| sql(&url, statement)
    }

    /// SIGKILL; the data is kept.
    pub fn kill(&self) {
        self.server.kill();
    }

    /// A regular shutdown by SIGTERM; the data is kept.
    pub fn stop(&self) {
        self.server.terminate(PATIENCE);
    }

    /// Starts again on the same port and data, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill();
        self.server = launch(&self.program, self.dir.path(), &self.port, &self.arguments)?;
        self.await_greeting()
    }

    /// Whether its disk can be full.
    pub fn has_own_disk(&self) -> bool {
        self.disk.is_some()
    }

    /// Takes all of its disk that is free, if it has one of its own.
    pub fn fill_disk(&self) -> Result<(), Error> {
        Ok(self.disk.as_ref().map_or(Ok(()), Disk::fill)?)
    }

    /// Ends a [`fill_disk`](Self::fill_disk).
    pub fn free_disk(&self) -> Result<(), Error> {
        Ok(self.disk.as_ref().map_or(Ok(()), Disk::free)?)
    }

    /// SIGSTOP: connections stay open and nothing answers.
    pub fn pause(&self) {
        self.server.pause();
    }

    /// SIGCONT: ends a [`pause`](Self::pause).
    pub fn resume(&self) {
        self.server.resume();
    }

    fn await_greeting(&self) -> Result<(), Error> {
        let port = self.port.number();
        let up =
            poll(
                PATIENCE,
                || {
                    if self.server.ended().is_some() { Some(false) } else { greets(port) }
                },
            );
        if up == Some(true) {
            return Ok(());
        }
        self.kill();
        let log = tail(&self.dir.path().join("server.log"));
        Err(Error::Silent { server: "MariaDB", log })
    }
}

/// Makes the data directory. Two installers at once may exhaust the kernel's asynchronous I/O, so a
/// failed one is started again.
fn install(data: &Path, own: &Path) -> Result<(), Error> {
    if install_once(data, own).is_ok() {
        return Ok(());
    }
    std::fs::remove_dir_all(data)?;
    install_once(data, own)
}

fn install_once(data: &Path, own: &Path) -> Result<(), Error> {
    let program = find("mariadb-install-db").ok_or(Error::Missing("mariadb-install-db"))?;
    let mut command = Command::new(program);
    command.env(TEMPORARY, own).arg("--no-defaults").arg(datadir(data));
    command.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    command.args(["--innodb-log-file-size=32M"]).args(as_root());
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    Err(Error::Silent { server: "mariadb-install-db", log })
}

fn launch(
    program: &PathBuf,
    dir: &Path,
    port: &Port,
    arguments: &[String],
) -> Result<Process, Error> {
    let mut command = mortal(program);
    command.env(TEMPORARY, dir).arg("--no-defaults").args(as_root());
    command.arg(format!("--port={}", port.number()));
    command.args([
        "--bind-address=127.0.0.1",
        "--socket=s.sock", // below the data directory: a full path may be too long for a socket
        "--skip-name-resolve",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=32M",
        "--max-connections=500",
    ]);
    command.args(shipped::mariadb()).args(arguments);
    Ok(Process::start(command, &dir.join("server.log"))?)
}

/// Where temporary tables are. A server that starts removes those that it finds there, also when another
/// server uses them.
const TEMPORARY: &str = "TMPDIR";

fn datadir(data: &Path) -> String {
    format!("--datadir={}", data.display())
}

/// The flag without which the server refuses to run as root.
fn as_root() -> Option<&'static str> {
    geteuid().is_root().then_some("--user=root")
}

/// A server that is up greets with protocol version 10 (the fifth byte), before anything is sent.
fn greets(port: u16) -> Option<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let mut greeting = [0; 5];
    stream.read_exact(&mut greeting).ok()?;
    greeting.ends_with(&[10]).then_some(true)
}
