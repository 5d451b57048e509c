//! Dead letters.

use bus::dead_letter::{self, Label};
use bus::{Broker, Confirmed, Deadline, Delivery, Envelope};
use schemas::topology::DEAD_LETTER_QUEUE;
use schemas::{ActionId, LetterId, ProblemKind};

use crate::support::time::soon;

/// The next dead letter; it stays in its queue.
pub(super) async fn next(broker: &Broker) -> Delivery {
    let link = broker.open_declared("operator").await.unwrap();
    let mut letters = link.consume(DEAD_LETTER_QUEUE, 1).await.unwrap();
    soon("a dead letter", letters.next()).await.unwrap().unwrap()
}

fn label(detail: &str) -> Label {
    Label {
        id: Some(LetterId::of(&[b"7"])),
        reason: Label::reason(ProblemKind::Malformed, detail),
        role: "decider".to_owned(),
        tries: 3,
        first_at: 1_700_000_000,
        last_at: 1_700_000_009,
    }
}

pub(crate) async fn a_dead_letter_keeps_its_bytes_and_properties_but_does_not_expire(
    broker: Broker,
) {
    let envelope = Envelope {
        message_id: Some("7".to_owned()),
        reply_to: Some("caller".to_owned()),
        correlation_id: Some("c".to_owned()),
        expiration: Some("1".to_owned()),
        content_encoding: Some("gzip".to_owned()),
        timestamp: Some(1_700_000_000),
        traceparent: Some("00-ab-cd-01".to_owned()),
        deadline: Some(Deadline::At(5)),
        replay: Some(ActionId::from(uuid::Uuid::from_u128(7))),
        ..Envelope::default()
    };
    let link = broker.open_declared("decider").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let label = label("no JSON");
    let publishing = dead_letter::publish(&publisher, &envelope, b"\xff\0{", label.clone());
    assert_eq!(publishing.await.unwrap(), Confirmed::Taken);
    let dead = next(&broker).await;
    assert_eq!(&dead.body[..], b"\xff\0{");
    assert_eq!(dead.envelope, Envelope { expiration: None, label: Some(label), ..envelope });
}
