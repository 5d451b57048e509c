//! A password in a file is changed while the processes run.

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
    let _others = ["letter", "decider", "persister"].map(|role| system.worker(role));
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
