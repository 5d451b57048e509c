//! RabbitMQ killed, silent and not there yet: each test has a node of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code, and the helpers of tests")]

mod support {
    pub(crate) mod client;
    mod outage;
    pub(crate) mod poll;
    pub(crate) mod responders;
    pub(crate) mod time;
}

use bus::{Address, Broker, Confirmed, Envelope, Fault, Link, Requests};
use schemas::topology::REQUESTS;
use testkit::servers::{Port, Rabbit, certify};

use crate::support::client::Client;
use crate::support::poll::eventually;
use crate::support::responders::Server;
use crate::support::time::soon;

fn broker(url: &str) -> Broker {
    Broker::new(url.parse::<Address>().unwrap())
}

async fn publish(link: &Link, body: &str) -> Result<Confirmed, Fault> {
    let publisher = link.confirmed_publisher().await?;
    publisher.publish(REQUESTS, &Envelope::default(), body.as_bytes()).await
}

/// The node blocks a thread while it starts; those who wait for it go on meanwhile.
async fn restart(mut rabbit: Rabbit) -> Rabbit {
    let restarting = tokio::task::spawn_blocking(move || rabbit.restart().map(|()| rabbit));
    restarting.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_server_waits_for_its_broker_and_begins_by_itself() {
    let rabbit = Rabbit::start().unwrap();
    let vhost = rabbit.vhost();
    let broker = broker(&vhost.amqp_url);
    rabbit.kill();
    let server = Server::begin(&broker);
    server.waits().await;
    let rabbit = restart(rabbit).await;
    server.up().await;
    assert_eq!(Client::open(&broker).await.ask("at last?").await, "at last?");
    rabbit.kill();
    server.waits().await;
    server.stop().await;
}

#[tokio::test]
async fn a_confirmed_request_outlives_the_death_of_its_broker() {
    let rabbit = Rabbit::start().unwrap();
    let vhost = rabbit.vhost();
    let broker = broker(&vhost.amqp_url);
    let link = broker.open_declared("test").await.unwrap();
    rabbit.settle();
    for body in ["1", "2", "3"] {
        assert_eq!(publish(&link, body).await.unwrap(), Confirmed::Taken);
    }
    let mut requests = Requests::take(&link, 1).await.unwrap();
    let held = soon("a request", requests.next()).await.unwrap().unwrap();
    assert_eq!(&held.body[..], b"1");
    rabbit.kill();
    soon("the loss", link.lost()).await;
    assert!(held.ack().is_err());

    let _rabbit = restart(rabbit).await;
    let (_link, mut requests) = eventually("the queue's leader", async || {
        let link = broker.open_declared("test").await.ok()?;
        let requests = Requests::take(&link, 3).await.ok()?;
        Some((link, requests))
    })
    .await;
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.push(soon("a request", requests.next()).await.unwrap().unwrap().body);
    }
    bodies.sort(); // what was held may come after what was not
    assert_eq!(bodies, [&b"1"[..], b"2", b"3"]);
}

#[tokio::test]
async fn a_broker_that_falls_silent_is_a_fault() {
    let rabbit = Rabbit::start().unwrap();
    let vhost = rabbit.vhost();
    let broker = broker(&format!("{}?heartbeat=2", vhost.amqp_url));
    let link = broker.open_declared("test").await.unwrap();
    let server = Server::numbers(&broker).await;
    rabbit.pause();
    let (opened, published, _lost) = soon("three faults", async {
        tokio::join!(broker.open("test"), publish(&link, "unknown"), link.lost())
    })
    .await;
    assert!(matches!(opened.err(), Some(Fault::Timeout { .. })));
    assert!(published.is_err());
    server.waits().await;
    rabbit.resume();
    let link = eventually("a new connection", async || broker.open_declared("test").await.ok());
    assert_eq!(publish(&link.await, "known").await.unwrap(), Confirmed::Taken);
    assert_eq!(Client::open(&broker).await.ask("well again?").await, "well again?");
}

#[tokio::test]
async fn a_private_authority_and_a_certificate_are_read_for_each_connection() {
    let (dir, port) = (tempfile::tempdir().unwrap(), Port::free().unwrap());
    for name in ["server", "other"] {
        certify(dir.path(), name).unwrap();
    }
    let give = |from: String, to: &str| {
        std::fs::copy(dir.path().join(from), dir.path().join(to)).unwrap();
    };
    give("server.ca.pem".into(), "ca.pem");
    let _rabbit = Rabbit::start_with_tls(&port, dir.path()).unwrap();
    let files = dir.path().display();
    let place = format!("amqps://guest:guest@127.0.0.1:{}/", port.number());
    let trusting = format!("{place}?ssl-ca={files}/trusted.pem");
    let whole = format!("{trusting}&ssl-cert={files}/own.pem&ssl-key={files}/own.key");
    let (address, whole) = (whole.parse::<Address>().unwrap(), broker(&whole));
    let missing = whole.open("test").await.err().unwrap().to_string();
    assert!(missing.contains("trusted.pem"), "{missing}");
    for (authority, identity) in
        [("server", "server"), ("other", "server"), ("server", "other"), ("server", "server")]
    {
        give(format!("{authority}.ca.pem"), "trusted.pem");
        give(format!("{identity}.pem"), "own.pem");
        give(format!("{identity}.key"), "own.key");
        let fault = whole.open("test").await.err();
        let reached = (authority, identity) == ("server", "server");
        assert_eq!(fault.is_none(), reached, "{authority}, {identity}: {fault:?}");
        let greeting = bus::probe::greet(&address).await;
        assert_eq!(greeting.is_ok(), reached, "{authority}, {identity}: {greeting:?}");
    }
    for without in [place, trusting] {
        assert!(broker(&without).open("test").await.is_err(), "{without}");
    }
}
