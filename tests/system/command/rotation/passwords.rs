//! New passwords at broker and database while callers wait: nothing fails, and nobody restarts anything.

use std::path::PathBuf;

use load::{Load, Stop};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::{CALLERS, Roles, User, close_connections, goes_on};
use crate::system::System;

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
}

#[tokio::test]
async fn passwords_of_broker_and_database_are_replaced_under_64_callers_and_no_request_fails() {
    let system = System::new().await;
    let logins = Logins::make(&system).await;
    let roles = Roles::start(&system, logins.folder.path(), &[]).await;
    let load = load::start(Load::new(system.address(), CALLERS), Stop::Told);
    goes_on(&load).await;

    logins.replace_at_broker("s3cret-2");
    goes_on(&load).await;
    close_connections(system.vhost.as_ref().unwrap()).await;
    goes_on(&load).await;

    logins.replace_at_database("s3cret-2").await;
    goes_on(&load).await;
    let user = logins.database_user();
    logins.execute(&format!("KILL USER '{user}'")).await;
    goes_on(&load).await;

    let report = load.stop().await;
    assert_eq!(report.without_failure(), Ok(()), "{report}");
    assert_eq!(system.rows().await, i64::try_from(report.good()).unwrap());
    for (role, log) in roles.logs() {
        assert!(!log.contains("s3cret"), "{role:?}: {log}");
    }
    logins.execute(&format!("DROP USER '{user}'@'%'")).await;
}
