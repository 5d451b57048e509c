//! Every role in a process of its own, on RabbitMQ and MariaDB.

use std::rc::Rc;

use schemas::Role;
use tempfile::TempDir;
use testkit::servers::{Error, Vhost};

use super::instance::Instance;
use super::processes::{Cpu, System};
use super::program::Program;
use super::servers::Servers;

/// One process for each role, a virtual host and a database.
pub(crate) struct Cluster {
    /// The gateway comes first.
    instances: Vec<Instance>,
    program: Program,
    vhost: Vhost,
    database: &'static str,
    dir: TempDir,
    servers: Rc<Servers>, // the last to be dropped
}

impl Cluster {
    /// Starts everything on these servers, and waits for the first mission.
    ///
    /// # Errors
    /// Something does not come up.
    pub(crate) fn start(
        program: &Program,
        servers: &Rc<Servers>,
        database: &'static str,
    ) -> Result<Self, Error> {
        let (servers, program) = (Rc::clone(servers), program.clone());
        let (vhost, dir) = (servers.rabbit.vhost(), TempDir::with_prefix("bench-")?);
        servers.mariadb.sql(&format!("CREATE DATABASE {database}"))?;
        let mut cluster = Self { instances: Vec::new(), program, vhost, database, dir, servers };
        let url = cluster.database_url();
        let arguments = ["migrate", "--database", &url];
        let migrate = Instance::start(&cluster.program, cluster.dir.path(), &arguments)?;
        if !migrate.finish() {
            return Err(Error::Silent { server: "spymission migrate", log: migrate.log() });
        }
        for role in Role::all_but(&[Role::Gateway]) {
            let mut arguments: Vec<&str> = role.command();
            arguments.extend(["--broker", cluster.broker_url()]);
            if role.duties().database {
                arguments.extend(["--database", &url]);
            }
            let worker = Instance::worker(&cluster.program, cluster.dir.path(), &arguments)?;
            cluster.instances.push(worker);
        }
        cluster.start_gateway(&[])?;
        Ok(cluster)
    }

    /// Starts the gateway with these further arguments, in place of the one before.
    ///
    /// # Errors
    /// It stores no mission.
    pub(crate) fn start_gateway(&mut self, further: &[&str]) -> Result<(), Error> {
        self.instances.retain(|instance| instance.addr().is_none());
        let database = self.database_url();
        let arguments = ["gateway", "--broker", self.broker_url(), "--database", &database];
        let arguments = [&arguments, further].concat();
        let gateway = Instance::gateway(&self.program, self.dir.path(), &arguments)?;
        gateway.await_mission()?;
        self.instances.insert(0, gateway);
        Ok(())
    }

    /// Declares the topology at another address.
    ///
    /// # Errors
    /// The broker refuses it.
    pub(crate) fn declare(&self, broker: &str) -> Result<(), Error> {
        let arguments = ["topology", "apply", "--broker", broker];
        let apply = Instance::start(&self.program, self.dir.path(), &arguments)?;
        if apply.finish() {
            return Ok(());
        }
        Err(Error::Silent { server: "spymission topology apply", log: apply.log() })
    }

    /// Where callers over AMQP publish.
    pub(crate) fn broker_url(&self) -> &str {
        &self.vhost.amqp_url
    }

    /// The name of its database.
    pub(crate) fn database(&self) -> &'static str {
        self.database
    }

    /// The servers that it uses.
    pub(crate) fn servers(&self) -> &Servers {
        &self.servers
    }

    /// How many missions are stored.
    ///
    /// # Errors
    /// The database does not say.
    pub(crate) fn rows(&self) -> Result<u64, Error> {
        let count = format!("SELECT COUNT(*) FROM {}.missions", self.database);
        let count = self.servers.mariadb.sql(&count)?;
        count.parse().map_err(|_| Error::Refused(count))
    }

    fn database_url(&self) -> String {
        self.servers.mariadb.url(self.database)
    }
}

impl System for Cluster {
    fn instances(&self) -> &[Instance] {
        &self.instances
    }

    fn cpu(&self) -> Cpu {
        let Servers { rabbit, mariadb } = &*self.servers;
        let servers = [("RabbitMQ", rabbit.cpu()), ("MariaDB", mariadb.cpu())];
        let servers = servers.map(|(name, cpu)| (name.to_owned(), cpu));
        self.instances.iter().map(Instance::cpu).chain(servers).collect()
    }
}
