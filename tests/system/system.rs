//! What a test runs on: a virtual host and a database of its own, and the processes it needs.

use std::net::Ipv4Addr;
use std::time::Duration;

use schemas::Role;
use serde_json::Value;
use sqlx::{MySqlPool, Row};
use tempfile::TempDir;
use testkit::servers::{Database, Port, Vhost};
use uuid::Uuid;

use crate::process::{LOOK, Process};

/// Longer than anything here takes on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until the fact is true, and fails when it does not become true in time.
pub async fn eventually(fact: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut looks = tokio::time::interval(LOOK);
    let waiting = async {
        while !is_so().await {
            looks.tick().await;
        }
    };
    let waited = tokio::time::timeout(DEADLINE, waiting).await;
    assert!(waited.is_ok(), "waited {} s for {fact}", DEADLINE.as_secs());
}

/// RabbitMQ, MariaDB, and addresses for the processes of one test.
pub struct System {
    pub amqp: String,
    pub mysql: String,
    pub gateway: String,
    listen: String,
    _port: Port,
    pub pool: MySqlPool,
    pub vhost: Option<Vhost>,
    _database: Option<Database>,
}

impl System {
    /// A virtual host and a database of its own on the shared servers, with its tables.
    pub async fn new() -> Self {
        let (vhost, database) = (testkit::servers::vhost(), testkit::servers::database());
        let (amqp, mysql) = (vhost.amqp_url.clone(), database.url.clone());
        Self { vhost: Some(vhost), _database: Some(database), ..Self::on(amqp, mysql).await }
    }

    /// On these servers.
    pub async fn on(amqp: String, mysql: String) -> Self {
        let mut migrate = Process::start(&["migrate", "--database", &mysql], None);
        assert!(migrate.ended().await.success(), "{}", migrate.log());
        let pool = MySqlPool::connect_lazy(&mysql).unwrap();
        let port = Port::free().unwrap();
        let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
        let gateway = format!("http://{listen}");
        Self { amqp, mysql, gateway, listen, _port: port, pool, vhost: None, _database: None }
    }

    /// A gateway that is ready.
    pub async fn gateway(&self) -> Process {
        self.gateway_with(&[], None).await
    }

    /// A gateway with these environment variables.
    pub async fn gateway_in(&self, environment: &[(&str, &str)]) -> Process {
        let arguments = ["gateway", "--broker", &self.amqp, "--database", &self.mysql];
        let more = ["--listen", &self.listen, "--drain", "1"];
        let process = Process::start_in(environment, &[&arguments[..], &more].concat());
        self.ready().await;
        process
    }

    /// A worker with these environment variables.
    pub fn worker_in(&self, environment: &[(&str, &str)], role: &str) -> Process {
        let mut arguments = vec!["worker", role, "--broker", &self.amqp];
        if named(role).duties().database {
            arguments.extend(["--database", &self.mysql]);
        }
        Process::start_in(environment, &arguments)
    }

    /// A gateway with more flags, which dies at the failpoint.
    pub async fn gateway_with(&self, flags: &[&str], failpoint: Option<&str>) -> Process {
        let mut arguments = vec!["gateway", "--broker", &self.amqp, "--database", &self.mysql];
        arguments.extend(["--listen", &self.listen, "--drain", "1"]);
        arguments.extend(flags);
        let process = Process::start(&arguments, failpoint);
        self.ready().await;
        process
    }

    /// Waits until the gateway is ready.
    pub async fn ready(&self) {
        let url = format!("{}/readyz", self.gateway);
        eventually("the gateway to be ready", async || {
            reqwest::get(&url).await.is_ok_and(|ready| ready.status().is_success())
        })
        .await;
    }

    /// A worker by the name of its role.
    pub fn worker(&self, role: &str) -> Process {
        self.worker_that_dies(role, None)
    }

    /// A worker that dies at the failpoint.
    pub fn worker_that_dies(&self, role: &str, failpoint: Option<&str>) -> Process {
        let mut arguments = vec!["worker", role, "--broker", &self.amqp];
        if named(role).duties().database {
            arguments.extend(["--database", &self.mysql]);
        }
        Process::start(&arguments, failpoint)
    }

    /// These workers.
    pub fn workers<const N: usize>(&self, roles: [&str; N]) -> [Process; N] {
        roles.map(|role| self.worker(role))
    }

    /// One worker of every role.
    pub fn all_workers(&self) -> Vec<Process> {
        self.all_but([])
    }

    /// One worker of every role but these.
    pub fn all_but<const N: usize>(&self, these: [&str; N]) -> Vec<Process> {
        workers_but(these).into_iter().map(|role| self.worker(role)).collect()
    }

    /// How many missions are stored.
    pub async fn rows(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM missions").fetch_one(&self.pool).await.unwrap()
    }

    /// How many dead letters are in the table.
    pub async fn dead_letters(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM dead_letters").fetch_one(&self.pool).await.unwrap()
    }

    /// The row of this mission: dossier, objective, target.
    pub async fn row(&self, id: Uuid) -> Option<[String; 3]> {
        let sql = "SELECT dossier, objective, target FROM missions WHERE id = ?";
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.pool).await.unwrap()?;
        Some([0, 1, 2].map(|column| row.get(column)))
    }

    /// Waits until this many missions are stored.
    pub async fn await_rows(&self, rows: i64) {
        eventually(&format!("{rows} rows"), async || self.rows().await >= rows).await;
        assert_eq!(self.rows().await, rows);
    }
}

/// The names of all workers' roles but these.
pub fn workers_but<const N: usize>(these: [&str; N]) -> Vec<&'static str> {
    let these = [&[Role::Gateway][..], &these.map(named)].concat();
    Role::all_but(&these).into_iter().map(Role::name).collect()
}

fn named(role: &str) -> Role {
    Role::parse(role).unwrap_or_else(|| panic!("there is no role {role}"))
}

/// What a worker logs when it begins its work.
pub fn begins(role: &str) -> &'static str {
    if role == "decider" { "taking requests" } else { "consuming" }
}

/// Everything in one process, on an SQLite file in a directory of its own.
pub struct Embedded {
    pub gateway: String,
    pub database: String,
    pub process: Process,
    _port: Port,
    _directory: TempDir,
}

impl Embedded {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these environment variables.
    pub async fn start_in(environment: &[(&str, &str)]) -> Self {
        Self::begin(environment, &[]).await
    }

    /// With more flags.
    pub async fn start_with(flags: &[&str]) -> Self {
        Self::begin(&[], flags).await
    }

    async fn begin(environment: &[(&str, &str)], flags: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let database = format!("sqlite:{}", directory.path().join("missions.db").display());
        let port = Port::free().unwrap();
        let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
        let settings = ["up", "--database", &database, "--listen", &listen];
        let process = Process::start_in(environment, &[&settings, flags].concat());
        let gateway = format!("http://{listen}");
        eventually("the gateway to be ready", async || {
            let ready = reqwest::get(format!("{gateway}/readyz")).await;
            ready.is_ok_and(|ready| ready.status().is_success())
        })
        .await;
        Self { gateway, database, process, _port: port, _directory: directory }
    }
}

/// Requests a mission over HTTP and expects to get it.
pub async fn ask(gateway: &str) -> Value {
    let answer = reqwest::Client::new().post(format!("{gateway}/missions")).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

/// The id of a mission in JSON.
pub fn id(mission: &Value) -> Uuid {
    mission["id"].as_str().unwrap().parse().unwrap()
}
