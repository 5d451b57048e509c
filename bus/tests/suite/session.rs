//! A taker of requests with its connection, and a publisher of them.

use bus::{Broker, Confirmed, Envelope, Link, Requests, Taken};
use schemas::topology::REQUESTS;

use crate::support::time::soon;

pub(super) struct Session {
    pub(super) link: Link,
    pub(super) requests: Requests,
}

impl Session {
    pub(super) async fn begin(broker: &Broker, prefetch: u16) -> Self {
        let link = broker.open_declared("taker").await.unwrap();
        let requests = Requests::take(&link, prefetch).await.unwrap();
        Self { link, requests }
    }

    pub(super) async fn next(&mut self) -> Taken {
        soon("a request", self.requests.next()).await.unwrap().unwrap()
    }

    /// What comes next must be this request, delivered so often before.
    pub(super) async fn expect(&mut self, body: &str, earlier: u32) -> Taken {
        let taken = self.next().await;
        assert_eq!((text(&taken), taken.earlier), (body, earlier));
        taken
    }

    /// What comes next must be this request, for the first time; it is acknowledged.
    pub(super) async fn finish(&mut self, body: &str) {
        self.expect(body, 0).await.ack().unwrap();
    }

    pub(super) async fn end(self) {
        drop(self.requests);
        self.link.close().await;
    }
}

pub(super) fn text(taken: &Taken) -> &str {
    std::str::from_utf8(&taken.body).unwrap()
}

pub(super) async fn publish(broker: &Broker, bodies: &[&str]) {
    for body in bodies {
        publish_with(broker, &Envelope::default(), body).await;
    }
}

pub(super) async fn publish_with(broker: &Broker, envelope: &Envelope, body: &str) {
    let link = broker.open_declared("publisher").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let confirmed = publisher.publish(REQUESTS, envelope, body.as_bytes()).await.unwrap();
    assert_eq!(confirmed, Confirmed::Taken);
    link.close().await;
}
