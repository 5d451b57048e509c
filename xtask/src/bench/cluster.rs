//! Every role in a process of its own, on RabbitMQ and MariaDB.

use schemas::Role;
use tempfile::TempDir;
use testkit::servers::{Error, MariaDb, Rabbit};

use super::instance::Instance;
use super::table::Cpu;

const DATABASE: &str = "spymission";

/// One process for each role, and two servers.
pub(super) struct Cluster {
    /// The processes; the gateway comes first.
    pub(super) instances: Vec<Instance>,
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
        let migrate = Instance::start(dir.path(), &["migrate", "--database", &database])?;
        if !migrate.finish() {
            return Err(Error::Silent { server: "spymission migrate", log: migrate.log() });
        }
        let mut cluster = Self { instances: Vec::new(), rabbit, mariadb, dir };
        for role in Role::all_but(&[Role::Gateway]) {
            let mut arguments: Vec<&str> = role.command();
            arguments.extend(["--broker", &broker]);
            if role.duties().database {
                arguments.extend(["--database", &database]);
            }
            cluster.instances.push(Instance::worker(cluster.dir.path(), &arguments)?);
        }
        cluster.gateway(&[])?;
        Ok(cluster)
    }

    /// Starts the gateway with these further arguments, in place of the one before.
    pub(super) fn gateway(&mut self, further: &[&str]) -> Result<(), Error> {
        self.instances.retain(|instance| instance.addr().is_none());
        let (broker, database) = (self.rabbit.amqp_url("/"), self.mariadb.url(DATABASE));
        let arguments = ["gateway", "--broker", &broker, "--database", &database];
        let gateway = Instance::gateway(self.dir.path(), &[&arguments, further].concat())?;
        gateway.await_mission()?;
        self.instances.insert(0, gateway);
        Ok(())
    }

    /// The processor time that each process and server has used so far.
    pub(super) fn cpu(&self) -> Cpu {
        let servers = [("RabbitMQ", self.rabbit.cpu()), ("MariaDB", self.mariadb.cpu())];
        let servers = servers.map(|(name, cpu)| (name.to_owned(), cpu));
        self.instances.iter().map(Instance::cpu).chain(servers).collect()
    }

    /// How many missions are stored.
    pub(super) fn rows(&self) -> Result<u64, Error> {
        let count = self.mariadb.sql(&format!("SELECT COUNT(*) FROM {DATABASE}.missions"))?;
        count.parse().map_err(|_| Error::Refused(count))
    }
}
