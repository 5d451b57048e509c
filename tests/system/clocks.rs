//! Persisters whose clocks are wrong.

use std::collections::HashSet;

use bus::{Broker, Envelope, Health, Replica};
use schemas::topology::{self, reply_queue};
use serde_json::json;
use store::Store;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::stream::Stream;
use crate::system::System;

/// Asks a persister on this broker to store a mission.
async fn decide(broker: &Broker, id: Uuid) {
    let link = broker.open_declared("decisions of a test").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    let envelope = Envelope {
        message_id: Some(id.to_string()),
        reply_to: Some(reply_queue::name("decider", id)),
        correlation_id: Some("1".to_owned()),
        ..Envelope::default()
    };
    let decisions = json!({ "missions": [{
        "id": id, "dossier": "19 z 4 a 7 k 0 b 12 q 3 m", "objective": "Follow",
        "target": "Duchess", "casebook": "malory",
    }]});
    let body = decisions.to_string();
    publisher.send(topology::DECISIONS, "", &envelope, body.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn the_stream_tells_of_missions_of_persisters_whose_clocks_are_wrong_also_without_events() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let mut stream = Stream::open(&system.gateway).await;
    let slow: fn() -> OffsetDateTime = || datetime!(2020-01-01 00:00 UTC);
    let fast: fn() -> OffsetDateTime = || datetime!(2100-01-01 00:00 UTC);
    for clock in [slow, fast] {
        // A broker of its own: no event reaches the gateway.
        let broker = Broker::new("memory:".parse().unwrap());
        let store = Store::new(&system.mysql.parse().unwrap());
        let (health, stop, id) = (Health::default(), CancellationToken::new(), Uuid::new_v4());
        let replica = Replica { instance: "persister.test", clock };
        let persister = workers::persister::run(&broker, store, &health, &stop, replica);
        let told = async {
            decide(&broker, id).await;
            stream.until(&HashSet::from([id])).await
        };
        tokio::select! {
            told = told => assert!(told.contains(&id)),
            () = persister => panic!("the persister has ended"),
        }
    }
}
