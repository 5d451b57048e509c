//! Users who may not declare.

use std::sync::{Arc, Mutex};

use bus::{Address, Broker, Fault};
use testkit::servers::Vhost;

use crate::support::client::Client;
use crate::support::node::{close_connections, manage, rabbit};
use crate::support::responders::Server;

/// What somebody may do who may declare reply queues and nothing else.
const NO_QUEUE: &str = r#"{"configure":"^reply\\.","write":".*","read":".*"}"#;
/// What the number worker may do on a deployment.
const NUMBER: &str = r#"{"configure":"^$","write":"^(mission\\.replies$|mission\\.events$)","read":"^(mission\\.numbers$)"}"#;

/// A user with these rights; gone when dropped.
struct Restricted {
    path: String,
    broker: Broker,
}

impl Restricted {
    fn new(vhost: &Vhost, permissions: &str) -> Self {
        let name = vhost.name(); // as unique as the virtual host
        let path = format!("/api/users/{name}");
        manage("PUT", &path, r#"{"password":"secret","tags":""}"#);
        manage("PUT", &format!("/api/permissions/{name}/{name}"), permissions);
        let url = vhost.amqp_url.replace("guest:guest", &format!("{name}:secret"));
        Self { path, broker: Broker::new(url.parse().unwrap()) }
    }
}

impl Drop for Restricted {
    fn drop(&mut self) {
        manage("DELETE", &self.path, "");
    }
}

#[tokio::test]
async fn a_new_session_uses_the_credentials_of_now() {
    let (vhost, operator) = rabbit();
    let user = Restricted::new(&vhost, NO_QUEUE);
    let url = vhost.amqp_url.replace("guest:guest@", &format!("{}:secret@", vhost.name()));
    let address = Arc::new(Mutex::new(url.clone()));
    let source = Arc::clone(&address);
    let broker = Broker::at(move || source.lock().unwrap().parse::<Address>());
    operator.open_declared("operator").await.unwrap().close().await;
    let server = Server::numbers(&broker).await;
    manage("PUT", &user.path, r#"{"password":"changed","tags":""}"#);
    close_connections(&vhost, 1).await;
    server.waits().await;
    *address.lock().unwrap() = url.replace(":secret@", ":changed@");
    server.up().await;
}

#[tokio::test]
async fn a_user_who_may_not_declare_works_with_what_is_there() {
    let (vhost, broker) = rabbit();
    broker.open_declared("operator").await.unwrap();
    let user = Restricted::new(&vhost, NO_QUEUE);
    assert_eq!(bus::probe::compare(&user.broker).await.unwrap().differences, []);
    let _server = Server::numbers(&user.broker).await;
    assert_eq!(Client::open(&user.broker).await.ask("may I?").await, "may I?");
}

/// RabbitMQ 4.3 does not even show a queue to a user who may do nothing with it.
#[tokio::test]
async fn a_user_who_may_do_only_what_its_role_does_works_with_what_is_there() {
    let (vhost, operator) = rabbit();
    operator.open_declared("operator").await.unwrap();
    let user = Restricted::new(&vhost, NUMBER);
    let _server = Server::numbers(&user.broker).await;
    assert_eq!(Client::open(&operator).await.ask("may I?").await, "may I?");
}

#[tokio::test]
async fn a_user_who_may_not_declare_is_told_what_is_missing() {
    let (vhost, broker) = rabbit();
    let user = Restricted::new(&vhost, NO_QUEUE);
    let Err(Fault::Topology(why)) = user.broker.open_declared("process").await else {
        panic!("there is nothing to work with")
    };
    assert_eq!(why, "mission.dead-letters: it is missing");
    broker.open_declared("operator").await.unwrap();
    user.broker.open_declared("process").await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_a_fault_that_does_not_show_it() {
    let (vhost, _broker) = rabbit();
    let url = vhost.amqp_url.replace("guest:guest", "guest:s3cret");
    let Err(fault) = Broker::new(url.parse().unwrap()).open("test").await else {
        panic!("anybody may come in")
    };
    assert!(!fault.to_string().contains("s3cret"), "{fault}");
}
