//! Every role in one process, as `spymission` runs without a server.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use testkit::servers::{Error, call};
use tokio::time::sleep;

use super::instance::Instance;
use super::processes::System;
use super::program::Program;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a process that starts is asked for a mission.
const AGAIN: Duration = Duration::from_millis(1);

/// One process and its database file.
pub(crate) struct Embedded {
    instances: [Instance; 1],
    _dir: TempDir,
}

impl Embedded {
    /// Starts it and waits for the first mission.
    ///
    /// # Errors
    /// It does not come up.
    pub(crate) fn start(program: &Program) -> Result<Self, Error> {
        let dir = TempDir::with_prefix("bench-")?;
        let up = launch(program, dir.path())?;
        up.await_mission()?;
        Ok(Self { instances: [up], _dir: dir })
    }
}

impl System for Embedded {
    fn instances(&self) -> &[Instance] {
        &self.instances
    }
}

/// The time from the start of the process, in an empty directory, to the first mission.
///
/// # Errors
/// There is none.
pub(crate) async fn cold_start(program: &Program) -> Result<Duration, Error> {
    let dir = TempDir::with_prefix("bench-")?;
    let began = Instant::now();
    let up = launch(program, dir.path())?;
    let base = up.addr().map(|addr| format!("http://{addr}")).unwrap_or_default();
    while began.elapsed() < PATIENCE {
        if call(&base, "POST", "/missions", "").is_ok_and(|reply| reply.status == 201) {
            return Ok(began.elapsed());
        }
        sleep(AGAIN).await;
    }
    Err(Error::Silent { server: "spymission up", log: up.log() })
}

fn launch(program: &Program, dir: &Path) -> io::Result<Instance> {
    let database = format!("sqlite:{}", dir.join("missions.db").display());
    let up = Instance::gateway(program, dir, &["up", "--database", &database]);
    up.map_err(|error| io::Error::other(error.to_string()))
}
