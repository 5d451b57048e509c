//! A password in a file is changed while the processes run.

mod under_load;

use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use testkit::servers::{MANAGEMENT, call};

use super::definitions::manage;
use crate::process::Process;
use crate::system::{System, ask, eventually};

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
