//! Taking requests.

use bus::{Broker, Envelope};

use super::session::{Session, publish, publish_with, text};
use crate::support::time::soon;

pub(crate) async fn requests_are_taken_in_order(broker: Broker) {
    let bodies: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    publish(&broker, &bodies.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut session = Session::begin(&broker, 7).await;
    for body in &bodies {
        session.finish(body).await;
    }
}

pub(crate) async fn a_request_is_taken_by_one_of_several_takers(broker: Broker) {
    let (mut one, mut two) = (Session::begin(&broker, 1).await, Session::begin(&broker, 1).await);
    publish(&broker, &["1", "2"]).await;
    let (first, second) = (one.next().await, two.next().await);
    let mut bodies = [text(&first), text(&second)];
    bodies.sort_unstable();
    assert_eq!(bodies, ["1", "2"]);
}

pub(crate) async fn no_more_than_the_prefetch_are_unsettled(broker: Broker) {
    publish(&broker, &["1", "2", "3", "4", "5"]).await;
    let mut full = Session::begin(&broker, 3).await;
    let _first = full.expect("1", 0).await;
    let second = full.expect("2", 0).await;
    let _third = full.expect("3", 0).await;
    let mut other = Session::begin(&broker, 2).await;
    for body in ["4", "5"] {
        tokio::select! {
            biased;
            _ = full.requests.next() => panic!("more than its prefetch"),
            _ = other.expect(body, 0) => {}
        }
    }
    publish(&broker, &["6"]).await;
    second.ack().unwrap();
    tokio::select! {
        biased;
        _ = other.requests.next() => panic!("more than its prefetch"),
        _ = full.expect("6", 0) => {}
    }
}

pub(crate) async fn after_cancel_what_had_come_is_drained_and_nothing_new_is_taken(broker: Broker) {
    publish(&broker, &["1", "2", "3"]).await;
    let mut cancelled = Session::begin(&broker, 2).await;
    let first = cancelled.expect("1", 0).await;
    cancelled.requests.cancel().await.unwrap();
    publish(&broker, &["4"]).await;
    first.ack().unwrap();
    let mut all = vec![text(&first).to_owned()];
    while let Some(drained) = soon("the end", cancelled.requests.next()).await.unwrap() {
        all.push(text(&drained).to_owned());
        drained.ack().unwrap();
    }
    assert!(all.len() <= 2, "it has taken {all:?} with a prefetch of 2");
    let mut next = Session::begin(&broker, 2).await;
    while all.len() < 4 {
        let rest = next.next().await;
        assert_eq!(rest.earlier, 0);
        all.push(text(&rest).to_owned());
        rest.ack().unwrap();
    }
    assert_eq!(all, ["1", "2", "3", "4"]);
}

pub(crate) async fn a_wait_that_is_given_up_loses_no_request(broker: Broker) {
    let mut session = Session::begin(&broker, 2).await;
    let publishing = tokio::spawn({
        let broker = broker.clone();
        async move { publish(&broker, &["1", "2", "3", "4", "5"]).await }
    });
    let mut next = 1;
    soon("the last request", async {
        while next <= 5 {
            tokio::select! {
                biased;
                taken = session.requests.next() => {
                    let taken = taken.unwrap().unwrap();
                    assert_eq!((text(&taken), taken.earlier), (next.to_string().as_str(), 0));
                    taken.ack().unwrap();
                    next += 1;
                }
                () = tokio::task::yield_now() => {}
            }
        }
    })
    .await;
    publishing.await.unwrap();
}

pub(crate) async fn a_request_that_has_expired_is_set_aside(broker: Broker) {
    let at_once = Envelope {
        message_id: Some("7".to_owned()),
        expiration: Some("0".to_owned()),
        ..Envelope::default()
    };
    publish_with(&broker, &at_once, "too late").await;
    publish(&broker, &["in time"]).await;
    let mut session = Session::begin(&broker, 1).await;
    session.finish("in time").await;
    let dead = super::dead_letter::next(&broker).await;
    assert_eq!(dead.envelope.message_id, at_once.message_id);
    assert_eq!(&dead.body[..], b"too late");
    // RabbitMQ says so in `x-death`, which its own facts look at.
    let reason = dead.envelope.label.map(|label| label.reason);
    assert!(broker.outlives_us() || reason.unwrap().starts_with("expired: "));
}
