//! Every role in a process of its own, on RabbitMQ and MariaDB.

use tempfile::TempDir;
use testkit::servers::{Error, MariaDb, Rabbit};

use super::role::Role;

const DATABASE: &str = "spymission";

/// Five processes and two servers.
pub(super) struct Cluster {
    /// The processes; the gateway comes first.
    pub(super) roles: Vec<Role>,
    rabbit: Rabbit,
    mariadb: MariaDb,
    dir: TempDir,
}

impl Cluster {
    /// Starts everything and waits for the first mission.
    pub(super) fn start() -> Result<Self, Error> {
        let (rabbit, mariadb) = (Rabbit::start()?, MariaDb::start()?);
        let dir = TempDir::with_prefix("bench-")?;
        mariadb.sql(&format!("CREATE DATABASE {DATABASE}"))?;
        let (broker, database) = (rabbit.amqp_url("/"), mariadb.url(DATABASE));
        let migrate = Role::start(dir.path(), &["migrate", "--database", &database])?;
        if !migrate.finish() {
            return Err(Error::Silent { server: "spymission migrate", log: migrate.log() });
        }
        let mut cluster = Self { roles: Vec::new(), rabbit, mariadb, dir };
        for role in ["number", "letter", "decider", "persister"] {
            let mut arguments = vec!["worker", role, "--broker", &broker];
            if role == "persister" {
                arguments.extend(["--database", &database]);
            }
            cluster.roles.push(Role::start(cluster.dir.path(), &arguments)?);
        }
        cluster.gateway(&[])?;
        Ok(cluster)
    }

    /// Starts the gateway with these further arguments, in place of the one before.
    pub(super) fn gateway(&mut self, further: &[&str]) -> Result<(), Error> {
        self.roles.retain(|role| role.addr().is_none());
        let (broker, database) = (self.rabbit.amqp_url("/"), self.mariadb.url(DATABASE));
        let arguments = ["gateway", "--broker", &broker, "--database", &database];
        let gateway = Role::listen(self.dir.path(), &[&arguments, further].concat())?;
        gateway.await_mission()?;
        self.roles.insert(0, gateway);
        Ok(())
    }

    /// How many missions are stored.
    pub(super) fn rows(&self) -> Result<u64, Error> {
        let count = self.mariadb.sql(&format!("SELECT COUNT(*) FROM {DATABASE}.missions"))?;
        count.parse().map_err(|_| Error::Refused(count))
    }
}
