//! Events that cannot be published cost their publisher nothing else.

use bus::{Broker, State};
use lapin::options::ExchangeDeleteOptions;
use schemas::topology::EVENTS;
use testkit::servers::Vhost;
use uuid::Uuid;

use crate::support::client::Client;
use crate::support::node::{manage, rabbit};
use crate::support::poll::eventually;
use crate::support::raw::Raw;
use crate::support::responders::Server;

/// Asks again and again: every answer comes, and the responder's session never ends.
async fn asks_and_hears_nothing_of_it(client: &Client, server: &Server) {
    let mut health = server.health.watch();
    health.mark_unchanged();
    for n in 0..50 {
        let mission = Uuid::from_u128(n).to_string();
        assert_eq!(client.ask(&mission).await, mission);
    }
    assert_eq!(*health.borrow(), State::Up);
    assert!(!health.has_changed().unwrap(), "its session ended");
}

#[tokio::test]
async fn a_deleted_events_exchange_costs_no_answer_and_comes_back() {
    let (vhost, broker) = rabbit();
    let server = Server::announcer(&broker).await;
    let client = Client::open(&broker).await;
    let link = broker.open_declared("listener").await.unwrap();
    let mut events = link.listen("events.test.1", 10).await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    let options = ExchangeDeleteOptions::default();
    raw.channel.exchange_delete(EVENTS.name.into(), options).await.unwrap();
    asks_and_hears_nothing_of_it(&client, &server).await;
    eventually("an event", async || {
        client.ask(&Uuid::nil().to_string()).await;
        events.ready().unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_user_who_may_not_publish_events_still_responds() {
    let (vhost, broker) = rabbit();
    broker.open_declared("operator").await.unwrap();
    let user = MayNotAnnounce::new(&vhost);
    let server = Server::announcer(&user.broker).await;
    let client = Client::open(&broker).await;
    asks_and_hears_nothing_of_it(&client, &server).await;
}

/// A user who may do everything but publish events; gone when dropped.
struct MayNotAnnounce {
    path: String,
    broker: Broker,
}

impl MayNotAnnounce {
    fn new(vhost: &Vhost) -> Self {
        let name = vhost.name(); // as unique as the virtual host
        let path = format!("/api/users/{name}");
        manage("PUT", &path, r#"{"password":"secret","tags":""}"#);
        let permissions =
            r#"{"configure":".*","write":"^mission\\.(replies|numbers)$","read":".*"}"#;
        manage("PUT", &format!("/api/permissions/{name}/{name}"), permissions);
        let url = vhost.amqp_url.replace("guest:guest", &format!("{name}:secret"));
        Self { path, broker: Broker::new(url.parse().unwrap()) }
    }
}

impl Drop for MayNotAnnounce {
    fn drop(&mut self) {
        manage("DELETE", &self.path, "");
    }
}
