//! The system under chaos: own servers, lines to them, and two or one processes of each role.

mod clock;
mod line;
mod logins;
mod part;
mod standby;

use std::path::Path;

use schemas::Role;
use tempfile::TempDir;
use testkit::servers::{MariaDb, RabbitCluster, Replication, Vhost};
use tokio::runtime::Handle;

use crate::failure::Failure;
use crate::proxy::Proxy;
pub(crate) use clock::Clock;
pub(crate) use line::{Line, Lines};
pub(crate) use logins::{DATABASE, Logins, SECRET, USER, manage};
pub(crate) use part::Part;
pub(crate) use standby::Standby;

/// Everything that runs. Processes go first when it is dropped.
pub(crate) struct System {
    pub(crate) parts: Vec<Part>,
    pub(crate) lines: Lines,
    pub(crate) logins: Logins,
    pub(crate) clock: Option<Clock>,
    pub(crate) vhost: Vhost,
    pub(crate) rabbits: RabbitCluster,
    /// The primary, where there are two servers.
    pub(crate) database: MariaDb,
    pub(crate) standby: Option<Standby>,
    pub(crate) dir: TempDir,
}

/// How large a system is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// RabbitMQ nodes. Processes reach a single one over lines that can be made bad, and several
    /// directly.
    pub(crate) nodes: usize,
    /// Number and letter workers, each; of every other role there are two.
    pub(crate) workers: usize,
    /// How a second database server follows the first, if there is one.
    pub(crate) replication: Option<Replication>,
}

impl System {
    /// Starts servers and processes, and waits until the gateways are ready.
    ///
    /// # Errors
    /// A server or a process does not come up.
    pub(crate) fn start(program: &Path, runtime: &Handle, size: Size) -> Result<Self, Failure> {
        let dir = TempDir::with_prefix("chaos-")?;
        let rabbits = RabbitCluster::start(size.nodes)?;
        let (database, standby) = match size.replication {
            Some(replication) => Standby::pair(replication, runtime)?,
            None => (MariaDb::start_on_own_disk()?, None),
        };
        let vhost = rabbits.first().vhost();
        let broker = port_of(&rabbits.first().amqp_url("/"))?;
        let lines = runtime.block_on(async {
            let [gateways, workers] = [Proxy::start(broker), Proxy::start(broker)];
            let database = Proxy::start(database.port());
            std::io::Result::Ok(Lines([gateways.await?, workers.await?, database.await?]))
        })?;
        let mut logins = Logins::new(dir.path(), &lines, vhost.name());
        if size.nodes > 1 {
            logins.use_nodes(&rabbits);
        }
        logins.make_broker_user(rabbits.first())?;
        logins.make_database_user(&database)?;
        let clock = Clock::find(dir.path())?;
        let parts = Vec::new();
        let mut system =
            Self { parts, lines, logins, clock, vhost, rabbits, database, standby, dir };
        system.migrate(program)?;
        for role in Role::all_but(&[]) {
            let replicas = if matches!(role, Role::Part(_)) { size.workers } else { 2 };
            for number in 0..replicas {
                let clock = system.clock.as_ref().filter(|_| number == 1);
                let (dir, logins) = (system.dir.path(), &system.logins);
                let part = Part::start(program, dir, logins, (role, number), clock)?;
                system.parts.push(part);
            }
        }
        for gateway in system.gateways() {
            gateway.await_ready()?;
        }
        Ok(system)
    }

    /// As root, as an operator would: the processes' login may not change tables.
    fn migrate(&self, program: &Path) -> Result<(), Failure> {
        let url = self.database.url(DATABASE);
        let ended = std::process::Command::new(program)
            .args(["migrate", "--database", &url])
            .env_clear()
            .output()?;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        if ended.status.success() { Ok(()) } else { Err(said.into()) }
    }

    pub(crate) fn gateways(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.role == Role::Gateway)
    }
}

fn port_of(url: &str) -> Result<u16, Failure> {
    let place = url.split('@').nth(1).and_then(|rest| rest.split('/').next());
    let port = place.and_then(|place| place.rsplit(':').next());
    Ok(port.ok_or("a URL without a port")?.parse()?)
}
