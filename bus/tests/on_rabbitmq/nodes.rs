//! A broker that is a list of nodes. One server under two names stands for two nodes.

use std::collections::HashSet;

use bus::{Broker, Fault, Severity};
use testkit::servers::Vhost;

use crate::support::node::rabbit;

const NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// The broker at these nodes, in the virtual host.
fn broker_at(vhost: &Vhost, places: &str) -> Broker {
    let (login, rest) = vhost.amqp_url.split_once('@').unwrap();
    let (_, name) = rest.split_once('/').unwrap();
    Broker::new(format!("{login}@{places}/{name}").parse().unwrap())
}

/// The port of the server.
fn port(vhost: &Vhost) -> String {
    let place = vhost.amqp_url.split_once('@').unwrap().1.split_once('/').unwrap().0;
    place.rsplit_once(':').unwrap().1.to_owned()
}

fn both(vhost: &Vhost) -> String {
    NAMES.map(|name| format!("{name}:{}", port(vhost))).join(",")
}

/// A port at which nobody listens.
fn nobody() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_connection_is_made_to_whichever_node_is_there() {
    let (vhost, _) = rabbit();
    let there = format!("127.0.0.1:{}", port(&vhost));
    let (one, two) = (nobody(), nobody());
    for places in [
        format!("127.0.0.1:{one},{there},127.0.0.1:{two}"),
        format!("{there},127.0.0.1:{one},127.0.0.1:{two}"),
    ] {
        for _ in 0..4 {
            let broker = broker_at(&vhost, &places);
            assert_eq!(broker.node(), None);
            broker.open("test").await.unwrap().close().await;
            assert_eq!(broker.node(), Some(there.clone()));
        }
    }
}

#[tokio::test]
async fn a_lost_connection_is_followed_by_one_to_the_next_node_and_a_closed_one_is_not() {
    let (vhost, _) = rabbit();
    let broker = broker_at(&vhost, &both(&vhost));
    let open = async || {
        let link = broker.open("test").await.unwrap();
        (link, broker.node().unwrap())
    };
    let (link, first) = open().await;
    let (second_link, same) = open().await;
    assert_eq!(first, same);
    link.close().await;
    second_link.close().await;
    let (link, again) = open().await;
    assert_eq!(first, again);
    let (other_link, _) = open().await;
    drop(link);
    drop(other_link); // both were at the same node: that is left once
    let (link, next) = open().await;
    assert_ne!(first, next);
    drop(link);
    assert_eq!(open().await.1, first);
}

#[tokio::test]
async fn processes_spread_over_the_nodes() {
    let (vhost, _) = rabbit();
    let mut used = HashSet::new();
    for _ in 0..32 {
        let broker = broker_at(&vhost, &both(&vhost));
        broker.open("test").await.unwrap().close().await;
        used.extend(broker.node());
    }
    assert_eq!(used.len(), NAMES.len(), "{used:?}");
}

#[tokio::test]
async fn a_list_without_a_node_that_is_there_is_a_fault_that_names_each_and_no_secret() {
    let (vhost, _) = rabbit();
    let (one, two) = (nobody(), nobody());
    let broker = broker_at(&vhost, &format!("127.0.0.1:{one},localhost:{two}"));
    let fault = broker.open("test").await.err().unwrap();
    assert!(matches!(fault, Fault::Broker { .. }));
    let said = fault.to_string();
    assert!(said.contains(&format!("127.0.0.1:{one}: ")), "{said}");
    assert!(said.contains(&format!("localhost:{two}: ")), "{said}");
    assert!(!said.contains("guest"), "{said}");
}

/// The queues that are classic on a single node.
const TRANSIENT: [&str; 3] = ["mission.numbers", "mission.letters", "mission.decisions"];

/// The queues that differ from what this broker wants. They may, and its processes work.
async fn tolerated(broker: &Broker) -> Vec<&'static str> {
    broker.open_declared("test").await.unwrap().close().await;
    let differences = bus::probe::compare(broker).await.unwrap().differences;
    assert!(differences.iter().all(|difference| difference.severity == Severity::Tolerable));
    differences.iter().map(|difference| difference.name).collect()
}

#[tokio::test]
async fn an_address_of_several_nodes_makes_every_queue_a_quorum_queue() {
    let (vhost, single) = rabbit();
    let cluster = broker_at(&vhost, &both(&vhost));
    assert_eq!(tolerated(&cluster).await, Vec::<&str>::new());
    assert_eq!(tolerated(&single).await, TRANSIENT);
}

#[tokio::test]
async fn queues_that_a_single_node_had_are_used_on_when_there_are_several() {
    let (vhost, single) = rabbit();
    assert_eq!(tolerated(&single).await, Vec::<&str>::new());
    let cluster = broker_at(&vhost, &both(&vhost));
    assert_eq!(tolerated(&cluster).await, TRANSIENT);
}
