//! A virtual host of the shared RabbitMQ, and what an operator does there.

use bus::Broker;
use testkit::servers::{MANAGEMENT, Vhost, call};

use crate::support::poll::eventually;

/// A broker that nobody else uses.
pub(crate) fn rabbit() -> (Vhost, Broker) {
    let vhost = testkit::servers::vhost();
    let broker = Broker::new(vhost.amqp_url.parse().unwrap());
    (vhost, broker)
}

/// A call of the management API that must succeed.
pub(crate) fn manage(method: &str, path: &str, body: &str) {
    let base = std::env::var(MANAGEMENT).unwrap();
    let reply = call(&base, method, path, body).unwrap();
    assert!(reply.status < 300, "{method} {path}: {reply:?}");
}

/// Has the broker close every connection that is open now.
pub(crate) async fn close_connections(vhost: &Vhost, count: usize) {
    let all = eventually("all connections", async || {
        let all = vhost.connections();
        (all.len() == count).then_some(all)
    })
    .await;
    for connection in &all {
        vhost.close_connection(connection);
    }
}
