//! Every role in one process, as `spymission` runs without a server.

use tempfile::TempDir;
use testkit::servers::Error;

use super::instance::Instance;
use super::table::Cpu;

/// One process and its database file.
pub(super) struct Embedded {
    /// The one process.
    pub(super) instances: [Instance; 1],
    _dir: TempDir,
}

impl Embedded {
    /// Starts it and waits for the first mission.
    pub(super) fn start() -> Result<Self, Error> {
        let dir = TempDir::with_prefix("bench-")?;
        let database = format!("sqlite:{}", dir.path().join("missions.db").display());
        let up = Instance::gateway(dir.path(), &["up", "--database", &database])?;
        up.await_mission()?;
        Ok(Self { instances: [up], _dir: dir })
    }

    /// The processor time that the process has used so far.
    pub(super) fn cpu(&self) -> Cpu {
        self.instances.iter().map(Instance::cpu).collect()
    }
}
