//! What is in files is changed while the processes run: passwords and certificates.

mod certificates;
mod passwords;

use std::path::Path;
use std::time::Duration;

use load::Running;
use schemas::Role;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use testkit::servers::{MANAGEMENT, Vhost, call};

use super::definitions::manage;
use crate::process::Process;
use crate::system::{System, ask, begins, eventually};

const CALLERS: usize = 64;
/// Of the load, between two steps: more than there are callers, so that each was answered in between.
const ENOUGH: u64 = 500;
const PATIENCE: Duration = Duration::from_secs(30);

/// Fails when the callers are not answered.
async fn goes_on(load: &Running) {
    load.await_more(ENOUGH, PATIENCE).await.unwrap();
}

/// Closes every connection with RabbitMQ, as a restart of it would. There is one process of each role, so
/// a request that is answered after that went over new ones. They are not counted: the broker may still
/// list one that its process has given up.
async fn close_connections(vhost: &Vhost) {
    let before = vhost.connections();
    assert!(before.len() >= schemas::Role::ALL.len(), "{before:?}");
    eventually("the connections with the broker to end", async || {
        let now = vhost.connections();
        let left: Vec<_> = now.iter().filter(|connection| before.contains(connection)).collect();
        left.iter().for_each(|connection| vhost.close_connection(connection));
        left.is_empty()
    })
    .await;
}

/// A process of each role, which reads its addresses from the files `broker` and `database`.
struct Roles([(Role, Process); Role::ALL.len()]);

impl Roles {
    /// Starts them, and waits until the gateway is ready.
    async fn start(system: &System, folder: &Path, environment: &[(&str, &str)]) -> Self {
        let listen = system.address().to_string();
        let (broker, database) = (folder.join("broker"), folder.join("database"));
        let roles = Role::ALL.map(|role| {
            let mut arguments = match role {
                Role::Gateway => vec!["gateway", "--listen", &listen],
                _ => vec!["worker", role.name()],
            };
            arguments.extend(["--broker-file", broker.to_str().unwrap()]);
            if role.duties().database {
                arguments.extend(["--database-file", database.to_str().unwrap()]);
            }
            (role, Process::start_in(environment, &arguments))
        });
        for (role, process) in roles.iter().filter(|(role, _)| *role != Role::Gateway) {
            process.says(begins(role.name())).await;
        }
        system.ready().await;
        Self(roles)
    }

    /// What each has logged.
    fn logs(&self) -> [(Role, String); Role::ALL.len()] {
        self.0.each_ref().map(|(role, process)| (*role, process.log()))
    }
}

/// A user of RabbitMQ that is gone when this is dropped, and with it all its connections.
struct User(String);

impl User {
    /// A user of this name with all permissions in the virtual host.
    fn make(&self, password: &str, vhost: &str) {
        let Self(name) = self;
        let body = format!(r#"{{"password": "{password}", "tags": ""}}"#);
        manage("PUT", &format!("/api/users/{name}"), &body);
        let all = r#"{"configure": ".*", "write": ".*", "read": ".*"}"#;
        manage("PUT", &format!("/api/permissions/{vhost}/{name}"), all);
    }

    fn remove(&self) {
        let base = std::env::var(MANAGEMENT).unwrap();
        let _ = call(&base, "DELETE", &format!("/api/users/{}", self.0), ""); // it may be gone
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.remove();
    }
}

#[tokio::test]
async fn a_new_password_in_the_file_of_the_broker_counts_at_the_next_session() {
    let system = System::new().await;
    let vhost = system.vhost.as_ref().unwrap().name().to_owned();
    let (folder, user) = (TempDir::new().unwrap(), User(format!("rotating-{vhost}")));
    let file = folder.path().join("broker");
    let write = |password: &str| {
        let login = format!("{}:{password}", user.0);
        std::fs::write(&file, system.amqp.replace("guest:guest", &login)).unwrap();
    };
    user.make("s3cret-1", &vhost);
    write("s3cret-1");
    let number = ["worker", "number", "--broker-file", file.to_str().unwrap()];
    let number = Process::start(&number, None);
    number.says("consuming").await;
    let _others = system.all_but(["number"]);
    let _gateway = system.gateway().await;
    ask(&system.gateway).await;

    user.remove();
    user.make("s3cret-2", &vhost);
    number.says("ACCESS_REFUSED").await;
    write("s3cret-2");
    let consuming = || number.log().matches("consuming").count();
    eventually("the worker to consume again", async || consuming() > 1).await;
    ask(&system.gateway).await;
    assert!(!number.log().contains("s3cret"), "no password: {}", number.log());
}

#[tokio::test]
async fn a_new_password_in_the_file_of_the_database_counts_for_new_connections() {
    let system = System::new().await;
    let (server, database) = system.mysql.rsplit_once('/').unwrap();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("database");
    let address = |password: &str| {
        let (_, place) = server.rsplit_once('@').unwrap();
        format!("mysql://{database}:{password}@{place}/{database}")
    };
    let execute = async |sql: String| {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&system.pool).await.unwrap();
    };
    execute(format!("CREATE USER '{database}'@'%' IDENTIFIED BY 's3cret-1'")).await;
    execute(format!("GRANT SELECT, INSERT ON `{database}`.* TO '{database}'@'%'")).await;
    std::fs::write(&file, address("s3cret-1")).unwrap();
    let _others = system.all_but(["persister"]);
    let persister = ["worker", "persister", "--broker", &system.amqp];
    let files = ["--database-file", file.to_str().unwrap()];
    let persister = Process::start(&[&persister[..], &files].concat(), None);
    persister.says("consuming").await;
    let _gateway = system.gateway().await;
    ask(&system.gateway).await;

    execute(format!("ALTER USER '{database}'@'%' IDENTIFIED BY 's3cret-2'")).await;
    std::fs::write(&file, address("s3cret-2")).unwrap();
    execute(format!("KILL USER '{database}'")).await;
    ask(&system.gateway).await;
    system.await_rows(2).await;
    execute(format!("DROP USER '{database}'@'%'")).await;
    assert!(!persister.log().contains("s3cret"), "no password: {}", persister.log());
}
