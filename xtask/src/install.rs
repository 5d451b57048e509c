//! The servers the tests need, from the distribution's packages.

use std::collections::BTreeSet;
use std::fs;

use rustix::process::geteuid;
use tokio::process::Command;
use xtask::nodes::Error;
use xtask::process::find;

use crate::workspace::Stage;

/// A server package, its service, and the name its process bears.
struct Server {
    package: &'static str,
    service: &'static str,
    process: &'static str,
}

const RABBITMQ: Server =
    Server { package: "rabbitmq-server", service: "rabbitmq-server", process: "beam.smp" };
const MARIADB: Server =
    Server { package: "mariadb-server", service: "mariadb", process: "mariadbd" };

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
apt-get install -y --no-install-recommends "$@"
"#;

/// For the example of a Python client; without it its test is skipped, and says so.
const PIKA: &str = "python3-pika";

/// Sees to it that both servers are installed: whether they are.
pub(crate) async fn ensure(install: bool) -> Result<bool, crate::Failure> {
    let missing = missing();
    let can_install = install && find("apt-get").is_some();
    let mut packages: Vec<&str> = missing.iter().map(|server| server.package).collect();
    if can_install && xtask::process::python_with("pika").is_none() {
        packages.push(PIKA);
    }
    if packages.is_empty() {
        return Ok(true);
    }
    if !can_install {
        eprintln!("the tests need RabbitMQ and MariaDB: {} not found", packages.join(" and "));
        eprintln!("on Debian or Ubuntu: sudo apt-get install -y {}", packages.join(" "));
        return Ok(false);
    }
    let before = processes(&missing);
    self::packages(&packages).await?;
    for server in &missing {
        quiet(server, &before).await?;
    }
    Ok(self::missing().is_empty())
}

/// Installs these packages, and starts nothing.
///
/// # Errors
/// apt-get is not here, or did not do it.
pub(crate) async fn packages(packages: &[&str]) -> Result<(), crate::Failure> {
    println!("── installing {}", packages.join(" and "));
    let arguments = [&["-c", INSTALL, "install"], packages].concat();
    if Stage::start(as_root("sh", &arguments))?.wait().await? {
        return Ok(());
    }
    Err(Error::Refused("apt-get did not install them".into()).into())
}

fn missing() -> Vec<Server> {
    let rabbitmq = xtask::nodes::Rabbit::installed();
    let mariadb = xtask::nodes::MariaDb::installed();
    let all = [(RABBITMQ, rabbitmq), (MARIADB, mariadb)];
    all.into_iter().filter(|(_, installed)| !installed).map(|(server, _)| server).collect()
}

/// Stops a service that its package started all the same; one that ran before is left alone.
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
pub(crate) fn as_root(program: &str, arguments: &[&str]) -> Command {
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
