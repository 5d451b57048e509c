//! Settling requests, and what comes of those that are not.

use bus::{Broker, Confirmed, Envelope};
use schemas::topology::REQUESTS;

use super::session::{Session, publish, publish_with};
pub(crate) async fn a_request_that_is_acknowledged_is_gone(broker: Broker) {
    for body in ["1", "2", "3"] {
        publish(&broker, &[body]).await;
        let mut session = Session::begin(&broker, 1).await;
        session.finish(body).await;
        session.end().await;
    }
}

pub(crate) async fn a_request_whose_session_ended_is_delivered_again(broker: Broker) {
    publish(&broker, &["1"]).await;
    for earlier in 0..4 {
        let mut session = Session::begin(&broker, 1).await;
        session.expect("1", earlier).await;
        drop(session); // the link, too
    }
}

/// A decider takes no more requests while it still works on those that it holds.
pub(crate) async fn a_request_is_held_when_its_taker_has_gone_until_its_session_ends(
    broker: Broker,
) {
    publish(&broker, &["1", "2", "3"]).await;
    let mut session = Session::begin(&broker, 2).await;
    let (done, held) = (session.expect("1", 0).await, session.expect("2", 0).await);
    session.requests.cancel().await.unwrap();
    let Session { link, requests } = session;
    drop(requests);
    let mut next = Session::begin(&broker, 1).await;
    next.finish("3").await;
    done.ack().unwrap();
    drop((link, held, done));
    next.expect("2", 1).await;
}

pub(crate) async fn requests_whose_session_ended_keep_their_order(broker: Broker) {
    publish(&broker, &["1", "2", "3", "4"]).await;
    let mut session = Session::begin(&broker, 3).await;
    for body in ["1", "2", "3"] {
        session.expect(body, 0).await;
    }
    session.end().await;
    let mut next = Session::begin(&broker, 4).await;
    for (body, earlier) in [("1", 1), ("2", 1), ("3", 1), ("4", 0)] {
        next.expect(body, earlier).await;
    }
}

pub(crate) async fn requests_that_come_back_reach_all_who_wait(broker: Broker) {
    publish(&broker, &["1", "2"]).await;
    let mut session = Session::begin(&broker, 2).await;
    let held = (session.expect("1", 0).await, session.expect("2", 0).await);
    let (mut one, mut two) = (Session::begin(&broker, 1).await, Session::begin(&broker, 1).await);
    let (this, that, ()) = tokio::join!(one.next(), two.next(), async {
        tokio::task::yield_now().await; // both wait first
        drop((session, held));
    });
    assert_eq!((this.earlier, that.earlier), (1, 1));
    assert_ne!(this.body, that.body);
}

pub(crate) async fn a_release_counts_as_a_delivery(broker: Broker) {
    publish(&broker, &["1", "2"]).await;
    let mut session = Session::begin(&broker, 1).await;
    for earlier in 0..3 {
        session.expect("1", earlier).await.release().unwrap();
    }
    session.expect("1", 3).await.ack().unwrap();
    session.finish("2").await;
}

pub(crate) async fn a_copy_of_a_request_goes_to_the_end_and_its_count_is_zero(broker: Broker) {
    let envelope = Envelope {
        message_id: Some("7".to_owned()),
        reply_to: Some("caller".to_owned()),
        correlation_id: Some("c".to_owned()),
        timestamp: Some(1_700_000_000),
        traceparent: Some("00-ab-cd-01".to_owned()),
        deadline: Some(bus::Deadline::At(1_700_000_000_000)),
        ..Envelope::default()
    };
    publish_with(&broker, &envelope, "1").await;
    publish(&broker, &["2"]).await;
    let mut session = Session::begin(&broker, 1).await;
    let publisher = session.link.confirmed_publisher().await.unwrap();
    session.expect("1", 0).await.release().unwrap();
    let taken = session.expect("1", 1).await;
    let copied = publisher.publish(REQUESTS, &taken.envelope, &taken.body).await;
    assert_eq!(copied.unwrap(), Confirmed::Taken);
    taken.ack().unwrap();
    session.finish("2").await;
    let again = session.expect("1", 0).await;
    assert_eq!(again.envelope, envelope);
    again.ack().unwrap();
    publish(&broker, &["3"]).await;
    session.finish("3").await; // the first copy is gone
}

pub(crate) async fn a_request_that_fails_twenty_times_is_set_aside(broker: Broker) {
    let envelope = Envelope { message_id: Some("7".to_owned()), ..Envelope::default() };
    publish_with(&broker, &envelope, "poison").await;
    publish(&broker, &["neighbour"]).await;
    let mut session = Session::begin(&broker, 1).await;
    let mut failures = 0;
    let neighbour = loop {
        let taken = session.next().await;
        if &taken.body[..] != b"poison" {
            break taken;
        }
        assert_eq!(taken.earlier, failures);
        failures += 1;
        taken.release().unwrap();
    };
    assert_eq!(neighbour.earlier, 0);
    assert!((20..=21).contains(&failures), "{failures}");
    let dead = super::dead_letter::next(&broker).await;
    assert_eq!(dead.envelope.message_id, envelope.message_id);
    assert_eq!(&dead.body[..], b"poison");
    let reason = dead.envelope.label.map(|label| label.reason);
    assert!(broker.outlives_us() || reason.unwrap().starts_with("set-aside: "));
}
