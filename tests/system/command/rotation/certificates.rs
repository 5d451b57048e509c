//! New certificates of everybody, and a new authority, while callers wait.

use std::fs;
use std::path::Path;

use load::{Load, Running, Stop};
use tempfile::TempDir;
use testkit::servers::{MariaDb, Port, Rabbit, certify};

use super::{CALLERS, Roles, close_connections, goes_on};
use crate::system::System;

/// The user of the database, who needs a certificate.
const USER: &str = "spy";

/// RabbitMQ and MariaDB with TLS, and what they and the processes show each other.
struct Servers {
    rabbit: Rabbit,
    mariadb: MariaDb,
    amqps: Port,
    files: TempDir,
}

impl Servers {
    /// All certificates are of this authority, and only it is trusted.
    fn start(authority: &str) -> Self {
        let (files, amqps) = (TempDir::new().unwrap(), Port::free().unwrap());
        certify(files.path(), authority).unwrap();
        renew(files.path(), authority);
        trust(files.path(), &[authority]);
        let mariadb = MariaDb::start_with_tls(files.path()).unwrap();
        mariadb.sql("CREATE DATABASE missions").unwrap();
        mariadb.sql(&format!("CREATE USER {USER}@'%' REQUIRE X509")).unwrap();
        mariadb.sql(&format!("GRANT SELECT, INSERT ON missions.* TO {USER}@'%'")).unwrap();
        let rabbit = Rabbit::start_with_tls(&amqps, files.path()).unwrap();
        Self { rabbit, mariadb, amqps, files }
    }

    /// Its addresses are those without TLS: the processes have others.
    async fn system(&self) -> System {
        let vhost = self.rabbit.vhost();
        let mut system = System::on(vhost.amqp_url.clone(), self.mariadb.url("missions")).await;
        system.vhost = Some(vhost);
        system
    }

    /// Writes the addresses of the processes, without the authority.
    fn write_addresses(&self, vhost: &str) {
        let files = self.files.path();
        let shown = files.display();
        let identity = format!("ssl-cert={shown}/own.pem&ssl-key={shown}/own.key");
        let broker = format!("amqps://guest:guest@127.0.0.1:{}/{vhost}", self.amqps.number());
        let database = format!("mysql://{USER}@127.0.0.1:{}/missions", self.mariadb.port());
        for (file, address) in [("broker", broker), ("database", database)] {
            fs::write(files.join(file), format!("{address}?{identity}")).unwrap();
        }
    }

    /// Has the servers read their files, and everybody connect again.
    async fn use_files(&self, system: &System, load: &Running) {
        self.rabbit.eval("ssl:clear_pem_cache().").unwrap();
        self.mariadb.sql("FLUSH SSL").unwrap();
        goes_on(load).await;
        close_connections(system.vhost.as_ref().unwrap()).await;
        goes_on(load).await;
        self.mariadb.sql(&format!("KILL USER {USER}")).unwrap();
        goes_on(load).await;
    }
}

/// Gives servers and processes the certificate of this authority.
fn renew(files: &Path, authority: &str) {
    for file in ["pem", "key"] {
        for whose in ["server", "own"] {
            let new = files.join(format!("{authority}.{file}"));
            fs::copy(new, files.join(format!("{whose}.{file}"))).unwrap();
        }
    }
}

/// Writes whom servers and processes trust.
fn trust(files: &Path, authorities: &[&str]) {
    let text = |name: &&str| fs::read_to_string(files.join(format!("{name}.ca.pem"))).unwrap();
    fs::write(files.join("ca.pem"), authorities.iter().map(text).collect::<String>()).unwrap();
}

#[tokio::test]
async fn certificates_and_their_authority_are_replaced_under_64_callers_and_no_request_fails() {
    let servers = Servers::start("old");
    let system = servers.system().await;
    servers.write_addresses(system.vhost.as_ref().unwrap().name());
    let files = servers.files.path();
    let ca = files.join("ca.pem").display().to_string();
    let trusted =
        ["SPYMISSION_BROKER_CA", "SPYMISSION_DATABASE_CA"].map(|name| (name, ca.as_str()));
    let _roles = Roles::start(&system, files, &trusted).await;
    let load = load::start(Load::new(system.address(), CALLERS), Stop::Told);
    goes_on(&load).await;

    certify(files, "new").unwrap();
    trust(files, &["old", "new"]);
    servers.use_files(&system, &load).await;
    renew(files, "new");
    servers.use_files(&system, &load).await;
    trust(files, &["new"]);
    servers.use_files(&system, &load).await;

    let report = load.stop().await;
    assert_eq!(report.without_failure(), Ok(()), "{report}");
    assert_eq!(system.rows().await, i64::try_from(report.good()).unwrap());
}
