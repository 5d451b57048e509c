//! Erlang's name server: by it the nodes of a cluster and their tools find each other.

use tempfile::TempDir;

use super::port::Port;
use super::shared::Error;
use crate::process::{Process, find, mortal};

/// A name server of its own. Erlang would start one as a daemon, which would stay; this one is a child
/// process.
#[derive(Debug)]
pub(super) struct Epmd {
    _server: Process, // fields are dropped in this order: the directory goes last
    port: Port,
    _dir: TempDir,
}

impl Epmd {
    pub(super) fn start() -> Result<Self, Error> {
        let program = find("epmd").ok_or(Error::Missing("epmd"))?;
        let (port, dir) = (Port::free()?, TempDir::with_prefix("epmd-")?);
        let mut command = mortal(program);
        command.args(["-port", &port.number().to_string(), "-address", "127.0.0.1"]);
        let server = Process::start(command, &dir.path().join("epmd.log"))?;
        Ok(Self { _server: server, port, _dir: dir })
    }

    pub(super) fn port(&self) -> u16 {
        self.port.number()
    }
}
