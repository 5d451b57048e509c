//! `spymission health`, and the status listener of a worker.

use std::net::Ipv4Addr;

use testkit::servers::Port;

use super::run;
use crate::process::Process;
use crate::system::{System, eventually, workers_but};

/// An address to listen on.
struct Place {
    port: Port,
}

impl Place {
    fn free() -> Self {
        Self { port: Port::free().unwrap() }
    }

    fn shown(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port.number())
    }
}

/// Asks the process at this address; no process listens where a gateway would.
async fn health(status: &Place) -> (i32, String) {
    let nobody = Place::free();
    run(&[], &["health", "--status", &status.shown(), "--listen", &nobody.shown()]).await
}

async fn becomes(status: &Place, code: i32, words: &str) {
    let mut last = (0, String::new());
    let fact = format!("health to say {words:?} with {code}");
    eventually(&fact, async || {
        last = health(status).await;
        last.0 == code && last.1.contains(words)
    })
    .await;
    assert_eq!(last.1.trim().lines().count(), 1, "one plain line: {}", last.1);
}

fn worker(role: &str, status: &Place, broker: &str, more: &[&str]) -> Process {
    let place = status.shown();
    let arguments = ["worker", role, "--broker", broker, "--status", &place];
    Process::start(&[&arguments, more].concat(), None)
}

#[tokio::test]
async fn workers_and_decider_are_ready_when_they_consume() {
    let vhost = testkit::servers::vhost();
    for role in workers_but(["persister"]) {
        let status = Place::free();
        let _worker = worker(role, &status, &vhost.amqp_url, &[]);
        becomes(&status, 0, "ready").await;
    }
}

#[tokio::test]
async fn a_worker_without_its_broker_is_not_ready_and_says_why() {
    let (status, nobody) = (Place::free(), Place::free());
    let _worker = worker("number", &status, &format!("amqp://x:s3cret@{}", nobody.shown()), &[]);
    becomes(&status, 1, "not ready: ").await;
    becomes(&status, 1, "connect").await;
    let (_, said) = health(&status).await;
    assert!(!said.contains("s3cret"), "{said}");
    let live = reqwest::get(format!("http://{}/livez", status.shown())).await.unwrap();
    assert_eq!(live.status(), 200, "it lives, and waits");
}

#[tokio::test]
async fn a_persister_is_ready_only_while_its_database_answers() {
    let (system, status) = (System::new().await, Place::free());
    let _persister = worker("persister", &status, &system.amqp, &["--database", &system.mysql]);
    becomes(&status, 0, "ready").await;

    let (status, nobody) = (Place::free(), Place::free());
    let database = format!("mysql://x:s3cret@{}/missions", nobody.shown());
    let _persister = worker("persister", &status, &system.amqp, &["--database", &database]);
    becomes(&status, 1, "not ready: database: unavailable").await;
}

#[tokio::test]
async fn a_gateway_is_asked_at_its_listening_address() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let (nobody, listen) = (Place::free(), system.gateway.replace("http://", ""));
    let arguments = ["health", "--status", &nobody.shown(), "--listen", &listen];
    let (code, said) = run(&[], &arguments).await;
    assert_eq!((code, said.trim()), (0, "ready"));
}

#[tokio::test]
async fn without_a_response_a_process_is_not_ready() {
    let nobody = Place::free();
    let (code, said) = health(&nobody).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no answer from") && said.contains(&nobody.shown()), "{said}");
}

#[tokio::test]
async fn an_address_in_use_is_a_wrong_setting() {
    let taken = Place::free();
    let listener = std::net::TcpListener::bind(taken.shown()).unwrap();
    let broker = "amqp://localhost:1";
    let arguments = ["worker", "number", "--broker", broker, "--status", &taken.shown()];
    let (code, said) = run(&[], &arguments).await;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--status: ") && said.contains(&taken.shown()), "{said}");
    drop(listener);
}
