//! New passwords at broker and database while callers wait: nothing fails, and nobody restarts anything.

use std::path::PathBuf;
use std::time::Duration;

use load::{Load, Running, Stop};
use schemas::Role;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::User;
use crate::process::Process;
use crate::system::{System, begins, eventually};

const CALLERS: usize = 64;
/// Of the load, between two steps: more than there are callers, so that each was answered in between.
const ENOUGH: u64 = 500;
const PATIENCE: Duration = Duration::from_secs(30);

/// A user at each server, and the files with the addresses of the processes.
struct Logins<'a> {
    system: &'a System,
    vhost: &'a str,
    broker_user: User,
    folder: TempDir,
}

impl<'a> Logins<'a> {
    async fn make(system: &'a System) -> Self {
        let vhost = system.vhost.as_ref().unwrap().name();
        let (broker_user, folder) = (User(format!("rotating-{vhost}")), TempDir::new().unwrap());
        let logins = Self { system, vhost, broker_user, folder };
        let user = logins.database_user();
        logins.execute(&format!("CREATE USER '{user}'@'%'")).await;
        logins.execute(&format!("GRANT SELECT, INSERT ON `{user}`.* TO '{user}'@'%'")).await;
        logins.replace_at_broker("s3cret-1");
        logins.replace_at_database("s3cret-1").await;
        logins
    }

    /// It has the name of the test's database.
    fn database_user(&self) -> &str {
        self.system.mysql.rsplit('/').next().unwrap()
    }

    fn file(&self, server: &str) -> PathBuf {
        self.folder.path().join(server)
    }

    async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.system.pool).await.unwrap();
    }

    /// At the server first: until the file is written, a new session is refused.
    fn replace_at_broker(&self, password: &str) {
        self.broker_user.make(password, self.vhost);
        let login = format!("{}:{password}", self.broker_user.0);
        std::fs::write(self.file("broker"), self.system.amqp.replace("guest:guest", &login))
            .unwrap();
    }

    async fn replace_at_database(&self, password: &str) {
        let user = self.database_user();
        self.execute(&format!("ALTER USER '{user}'@'%' IDENTIFIED BY '{password}'")).await;
        let place = self.system.mysql.rsplit('@').next().unwrap();
        std::fs::write(self.file("database"), format!("mysql://{user}:{password}@{place}"))
            .unwrap();
    }

    /// A process of this role, which reads its addresses from the files.
    fn start(&self, role: Role, listen: &str) -> Process {
        let mut arguments = match role {
            Role::Gateway => vec!["gateway", "--listen", listen],
            _ => vec!["worker", role.name()],
        };
        let (broker, database) = (self.file("broker"), self.file("database"));
        arguments.extend(["--broker-file", broker.to_str().unwrap()]);
        if role.duties().database {
            arguments.extend(["--database-file", database.to_str().unwrap()]);
        }
        Process::start(&arguments, None)
    }

    /// Closes every connection with RabbitMQ, as a restart of it would, and waits for the new ones.
    async fn all_connect_to_broker_again(&self) {
        let vhost = self.system.vhost.as_ref().unwrap();
        let before = vhost.connections();
        before.iter().for_each(|connection| vhost.close_connection(connection));
        eventually("new connections with the broker", async || {
            let now = vhost.connections();
            now.len() >= before.len() && now.iter().all(|connection| !before.contains(connection))
        })
        .await;
    }
}

/// Fails when the callers are not answered.
async fn goes_on(load: &Running) {
    load.await_more(ENOUGH, PATIENCE).await.unwrap();
}

#[tokio::test]
async fn passwords_of_broker_and_database_are_replaced_under_64_callers_and_no_request_fails() {
    let system = System::new().await;
    let logins = Logins::make(&system).await;
    let listen = system.address().to_string();
    let roles = Role::ALL.map(|role| (role, logins.start(role, &listen)));
    for (role, process) in roles.iter().filter(|(role, _)| *role != Role::Gateway) {
        process.says(begins(role.name())).await;
    }
    system.ready().await;
    let load = load::start(Load::new(system.address(), CALLERS), Stop::Told);
    goes_on(&load).await;

    logins.replace_at_broker("s3cret-2");
    goes_on(&load).await;
    logins.all_connect_to_broker_again().await;
    goes_on(&load).await;

    logins.replace_at_database("s3cret-2").await;
    goes_on(&load).await;
    let user = logins.database_user();
    logins.execute(&format!("KILL USER '{user}'")).await;
    goes_on(&load).await;

    let report = load.stop().await;
    assert_eq!(report.without_failure(), Ok(()), "{report}");
    assert_eq!(system.rows().await, i64::try_from(report.good()).unwrap());
    for (role, process) in &roles {
        assert!(!process.log().contains("s3cret"), "{role:?}: {}", process.log());
    }
    logins.execute(&format!("DROP USER '{user}'@'%'")).await;
}
