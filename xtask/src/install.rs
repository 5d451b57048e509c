//! Installs the servers and clients that the tests need, from the distribution's packages.

mod clients;
mod missing;

use std::collections::BTreeSet;
use std::fs;

use rustix::process::geteuid;
use testkit::process::find;
use testkit::servers::Error;
use tokio::process::Command;

use crate::needs::Needs;
use crate::workspace::Stage;
pub use missing::packages_of;

/// A server: its package, its service, and the name of its process.
struct Server {
    package: &'static str,
    service: &'static str,
    process: &'static str,
}

const RABBITMQ: Server =
    Server { package: "rabbitmq-server", service: "rabbitmq-server", process: "beam.smp" };
const MARIADB: Server =
    Server { package: "mariadb-server", service: "mariadb", process: "mariadbd" };
/// What the tests of dashboards and alerts run.
const PROMETHEUS: [(&str, &str); 2] = [("prometheus", "prometheus"), ("promtool", "prometheus")];

/// Installs the packages given as arguments without starting their services.
const INSTALL: &str = r#"
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
apt-get update
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
"#;

/// Installs what the tests need, if `install` allows it. Returns whether all of it is there.
///
/// # Errors
/// An installation failed.
pub async fn ensure(install: bool, needs: Needs) -> Result<bool, crate::Failure> {
    let servers = missing(needs);
    let mut wanted: Vec<_> = servers.iter().map(|server| server.package).collect();
    if needs.clients {
        wanted.extend(clients::missing());
    }
    if needs.prometheus {
        wanted.extend(packages_of(&PROMETHEUS));
    }
    let can_install = install && find("apt-get").is_some();
    if !wanted.is_empty() && !can_install {
        eprintln!("the tests need servers and clients: {} not found", wanted.join(" and "));
        eprintln!("on Debian or Ubuntu: sudo apt-get install -y {}", wanted.join(" "));
        return Ok(false);
    }
    if !wanted.is_empty() {
        let before = processes(&servers);
        packages(&wanted).await?;
        for server in &servers {
            quiet(server, &before).await?;
        }
    }
    let there = missing(needs).is_empty();
    let clients =
        !needs.clients || (clients::missing().is_empty() && clients::amqplib(install).await?);
    let prometheus = !needs.prometheus || packages_of(&PROMETHEUS).is_empty();
    Ok(there && clients && prometheus)
}

/// Installs these packages, if any; their services are not started.
pub async fn packages(packages: &[&str]) -> Result<(), crate::Failure> {
    if packages.is_empty() {
        return Ok(());
    }
    println!("── installing {}", packages.join(" and "));
    let mut arguments = vec!["-c", INSTALL, "install"];
    arguments.extend(packages);
    if !Stage::start(as_root("sh", &arguments))?.wait().await? {
        return Err(Error::Refused("apt-get did not install them".into()).into());
    }
    Ok(())
}

fn missing(needs: Needs) -> Vec<Server> {
    let mut servers = Vec::new();
    if needs.rabbitmq && !testkit::servers::Rabbit::installed() {
        servers.push(RABBITMQ);
    }
    if needs.mariadb && !testkit::servers::MariaDb::installed() {
        servers.push(MARIADB);
    }
    servers
}

/// Stops a service that its package has started; a service that ran before is not touched.
async fn quiet(server: &Server, before: &BTreeSet<u32>) -> Result<(), crate::Failure> {
    let after = processes(std::slice::from_ref(server));
    if after.is_subset(before) {
        return Ok(());
    }
    println!("── stopping the service {}", server.service);
    let stopped = Stage::start(as_root("service", &[server.service, "stop"]))?.wait().await?;
    if !stopped {
        eprintln!("warning: the service {} is still running", server.service);
    }
    Ok(())
}

/// The processes of these servers.
fn processes(servers: &[Server]) -> BTreeSet<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| {
        let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        servers.iter().any(|server| server.process == name.trim())
    })
    .collect()
}

/// The program as root: directly, or by sudo.
pub fn as_root(program: &str, arguments: &[&str]) -> Command {
    let mut command = if geteuid().is_root() {
        Command::new(program)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg(program);
        sudo
    };
    command.args(arguments);
    command
}
