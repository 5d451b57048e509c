//! `spymission topology definitions`: a user for each role.

mod rights;

use std::collections::HashMap;

use schemas::Role;
use schemas::topology::Login;
use tempfile::TempDir;
use testkit::servers::{MANAGEMENT, Vhost, call};

use super::run;
use crate::process::Process;
use crate::system::{System, ask};

/// The names of all logins.
fn logins() -> impl Iterator<Item = &'static str> {
    Login::all().into_iter().map(Login::name)
}

/// A call of the management API that must succeed.
pub fn manage(method: &str, path: &str, body: &str) -> String {
    let base = std::env::var(MANAGEMENT).unwrap();
    let reply = call(&base, method, path, body).unwrap();
    assert!(reply.status < 300, "{method} {path}: {reply:?}");
    reply.body
}

/// The roles' addresses as files; their users are deleted when it is dropped.
struct Users {
    folder: TempDir,
    addresses: HashMap<&'static str, String>,
    vhost: String,
}

impl Users {
    fn of(vhost: &Vhost) -> Self {
        let folder = TempDir::new().unwrap();
        let address = |login| {
            let user = format!("{login}-{}:s3cret-{login}", vhost.name());
            let address = vhost.amqp_url.replace("guest:guest", &user);
            std::fs::write(folder.path().join(login), format!("{address}\n")).unwrap();
            (login, address)
        };
        let addresses = logins().map(address).collect();
        Self { folder, addresses, vhost: vhost.name().to_owned() }
    }

    fn arguments(&self) -> Vec<String> {
        let file = |login| format!("{login}={}", self.folder.path().join(login).display());
        let users = logins().flat_map(|login| ["--user".to_owned(), file(login)]);
        ["topology", "definitions"].map(str::to_owned).into_iter().chain(users).collect()
    }

    /// As a deployment makes them.
    async fn made(vhost: &Vhost) -> Self {
        let users = Self::of(vhost);
        let (code, text) = definitions(&users, &[]).await;
        assert_eq!(code, 0, "{text}");
        manage("POST", "/api/definitions", &text);
        users
    }

    fn address(&self, role: &str) -> &str {
        &self.addresses[role]
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        let base = std::env::var(MANAGEMENT).unwrap();
        for login in logins() {
            let _ = call(&base, "DELETE", &format!("/api/users/{login}-{}", self.vhost), "");
        }
    }
}

async fn definitions(users: &Users, more: &[&str]) -> (i32, String) {
    let arguments = users.arguments();
    let arguments: Vec<&str> =
        arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    run(&[], &arguments).await
}

#[tokio::test]
async fn every_role_works_as_the_user_that_the_definitions_make() {
    let mut system = System::new().await;
    let users = Users::of(system.vhost.as_ref().unwrap());
    let out = users.folder.path().join("definitions.json");
    let (code, said) = definitions(&users, &["--out", out.to_str().unwrap()]).await;
    assert_eq!((code, said.trim()), (0, ""));
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(!text.contains("s3cret"), "no password, only hashes: {text}");
    manage("POST", "/api/definitions", &text);

    let (code, said) =
        run(&[], &["topology", "apply", "--broker", users.address("operator")]).await;
    assert_eq!(code, 0, "{said}");
    let worker = |role: &str, more: &[&str]| {
        let arguments = ["worker", role, "--broker", users.address(role)];
        Process::start(&[&arguments, more].concat(), None)
    };
    let _workers = [
        worker("number", &[]),
        worker("letter", &[]),
        worker("decider", &[]),
        worker("persister", &["--database", &system.mysql]),
    ];
    system.amqp = users.address("gateway").to_owned();
    let _gateway = system.gateway().await;
    ask(&system.gateway).await;
    system.await_rows(1).await;
}

#[tokio::test]
async fn only_the_operator_declares_the_topology() {
    let vhost = testkit::servers::vhost();
    let users = Users::made(&vhost).await;
    // No exchange and no queue exists yet.
    for role in Role::ALL.map(Role::name) {
        let (code, said) = run(&[], &["topology", "apply", "--broker", users.address(role)]).await;
        assert_eq!(code, 1, "{role}: {said}");
    }
}

#[tokio::test]
async fn an_address_without_a_password_is_refused_and_only_its_file_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("broker");
    let user = format!("number={}", file.display());
    for text in ["", "memory:", "amqp://", "amqp://u:s3cret@h:port/v", "http://u:s3cret@h/v"] {
        std::fs::write(&file, text).unwrap();
        let (code, said) = run(&[], &["topology", "definitions", "--user", &user]).await;
        assert_eq!(code, 2, "{text}: {said}");
        assert!(said.contains(&*file.to_string_lossy()) && !said.contains("s3cret"), "{said}");
    }
    for user in ["number", "nobody=x"] {
        let (code, said) = run(&[], &["topology", "definitions", "--user", user]).await;
        assert_eq!(code, 2, "{said}");
    }
}
