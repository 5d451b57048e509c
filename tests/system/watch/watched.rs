//! A system whose processes a Prometheus looks at.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use schemas::Role;
use tempfile::TempDir;
use testkit::servers::{Port, Prometheus};
use tokio::task::JoinSet;

use super::files;
use crate::process::Process;
use crate::system::{System, eventually};

/// One process of every role, and a Prometheus with the configuration of `compose/watch`.
pub struct Watched<'a> {
    system: &'a System,
    ports: BTreeMap<&'static str, Port>,
    processes: BTreeMap<&'static str, Process>,
    pub prometheus: Prometheus,
    _configuration: TempDir,
}

impl<'a> Watched<'a> {
    /// Starts all of them, and waits until every role has its session.
    pub async fn start(system: &'a System, gateway: &[&str]) -> Self {
        let ports = Role::ALL.map(|role| (role.name(), Port::free().unwrap()));
        let ports = BTreeMap::from(ports);
        let configuration = files::configuration(|job| match job {
            "gateway" => system.gateway.replace("http://", ""),
            worker => status(&ports[worker]),
        });
        let file = configuration.path().join("prometheus.yml");
        let prometheus = Prometheus::start(&file).unwrap();
        let mut processes = BTreeMap::new();
        processes.insert("gateway", system.gateway_with(gateway, None).await);
        let mut watched =
            Self { system, ports, processes, prometheus, _configuration: configuration };
        for role in Role::all_but(&[Role::Gateway]) {
            watched.run(role, None);
        }
        watched.until("every role has a session", "sum(spymission_session_connected) == 5").await;
        watched
    }

    /// Starts the process of this worker, which dies at the failpoint.
    pub fn run(&mut self, role: Role, failpoint: Option<&str>) {
        let (status, database) = (status(&self.ports[role.name()]), role.duties().database);
        let mut arguments = role.command();
        arguments.extend(["--broker", &self.system.amqp, "--status", &status]);
        if database {
            arguments.extend(["--database", &self.system.mysql]);
        }
        self.processes.insert(role.name(), Process::start(&arguments, failpoint));
    }

    /// The process of this role.
    pub fn process(&mut self, role: Role) -> &mut Process {
        self.processes.get_mut(role.name()).unwrap()
    }

    /// Waits until the expression gives something that is a number.
    pub async fn until(&self, fact: &str, expression: &str) {
        eventually(fact, async || {
            let found = self.prometheus.query(expression).unwrap();
            found.iter().any(|series| series["value"][1].as_str().is_some_and(|n| n != "NaN"))
        })
        .await;
    }

    /// Waits until this alert fires, with this label if one is given.
    pub async fn fires(&self, alert: &str, label: Option<(&str, &str)>) {
        eventually(&format!("{alert} {label:?} to fire"), async || {
            self.prometheus.firing().unwrap().iter().any(|labels| {
                let has = |(name, value): (&str, &str)| labels[name] == value;
                labels["alertname"] == alert && label.is_none_or(has)
            })
        })
        .await;
    }

    /// Waits until no alert fires.
    pub async fn is_calm(&self) {
        let calm = async || self.prometheus.firing().unwrap().is_empty();
        eventually("no alert to fire", calm).await;
    }
}

fn status(port: &Port) -> String {
    format!("{}:{}", Ipv4Addr::LOCALHOST, port.number())
}

/// A caller who requests one mission after the other, looks at it, and does not mind errors. It ends
/// when the set is dropped.
pub fn caller(gateway: &str) -> JoinSet<()> {
    let (gateway, client) = (gateway.to_owned(), reqwest::Client::new());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        loop {
            pace.tick().await;
            let _ = client.post(format!("{gateway}/missions")).send().await;
            let _ = client.get(format!("{gateway}/missions")).send().await;
        }
    });
    tasks
}
