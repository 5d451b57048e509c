//! Events, and whoever listens.

use bus::{Broker, Consumer, Envelope, Link, Publisher};
use schemas::MessageType;
use schemas::topology::{EVENTS, event_queue};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::support::client::Client;
use crate::support::responders::Server;
use crate::support::time::soon;

/// Somebody who listens.
struct Listener {
    events: Consumer,
    link: Link,
}

impl Listener {
    async fn open(broker: &Broker, prefetch: u16) -> Self {
        let link = broker.open_declared("listener").await.unwrap();
        let name = event_queue::name("test", Uuid::new_v4());
        Self { events: link.listen(&name, prefetch).await.unwrap(), link }
    }

    async fn hears(&mut self, body: &str) -> Envelope {
        let event = soon("an event", self.events.next()).await.unwrap().unwrap();
        assert_eq!(std::str::from_utf8(&event.body), Ok(body));
        self.events.settler().ack(event.tag).unwrap();
        event.envelope
    }
}

async fn publisher(broker: &Broker) -> (Link, Publisher) {
    let link = broker.open_declared("announcer").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    (link, publisher)
}

async fn tell(publisher: &Publisher, key: &str, body: &str) {
    publisher.send(EVENTS, key, &Envelope::default(), body.as_bytes()).await.unwrap();
}

pub(crate) async fn an_event_reaches_everybody_who_listens(broker: Broker) {
    let mut listeners = [Listener::open(&broker, 10).await, Listener::open(&broker, 10).await];
    let (_link, publisher) = publisher(&broker).await;
    let event = Envelope {
        message_id: Some("7".to_owned()),
        kind: Some(MessageType::Created),
        traceparent: Some("00-ab-cd-01".to_owned()),
        ..Envelope::default()
    };
    publisher.send(EVENTS, "created.malory", &event, b"it stands").await.unwrap();
    for listener in &mut listeners {
        assert_eq!(listener.hears("it stands").await, event);
    }
}

pub(crate) async fn missions_of_every_casebook_are_heard_of_and_nothing_else(broker: Broker) {
    let mut listener = Listener::open(&broker, 10).await;
    let (_link, publisher) = publisher(&broker).await;
    let longest = event_queue::key(&"\u{1f575}".repeat(63));
    let dotted = event_queue::key("my own. casebook #1 *");
    for other in ["", "#", "creat", "createdx", "created_malory", "removed.malory"] {
        tell(&publisher, other, "something else").await;
    }
    for key in ["created.malory", &longest, &dotted, "created.", "created"] {
        tell(&publisher, key, key).await;
        listener.hears(key).await;
    }
}

pub(crate) async fn a_routing_key_that_is_too_long_is_a_fault_and_no_panic(broker: Broker) {
    let mut listener = Listener::open(&broker, 10).await;
    let (_link, publisher) = publisher(&broker).await;
    let key = format!("created.{}", "x".repeat(248));
    assert!(publisher.send(EVENTS, &key, &Envelope::default(), b"").await.is_err());
    tell(&publisher, &key[..255], "it fits").await;
    listener.hears("it fits").await;
}

pub(crate) async fn whoever_does_not_read_loses_the_oldest_events_and_holds_up_nobody(
    broker: Broker,
) {
    let mut idle = Listener::open(&broker, 1).await;
    let mut busy = Listener::open(&broker, 100).await;
    let (_link, publisher) = publisher(&broker).await;
    let most = event_queue::MAX_LENGTH;
    tell(&publisher, "created.x", "first").await;
    busy.hears("first").await; // it is at least on its way to the idle one, which has room for one
    for n in 0..most + 10 {
        tell(&publisher, "created.x", &n.to_string()).await;
        busy.hears(&n.to_string()).await;
    }
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last: &u32| *last < most + 9) {
        let event = soon("an event", idle.events.next()).await.unwrap().unwrap();
        let body = std::str::from_utf8(&event.body).unwrap();
        heard.extend(body.parse::<u32>());
        idle.events.settler().ack(event.tag).unwrap();
    }
    assert!(heard.len() <= most as usize + 1, "the queue is bounded: {}", heard.len());
    assert!(heard.len() >= most as usize - 1, "and holds that much: {}", heard.len());
}

/// The prefetch is smaller than what is acknowledged at once.
pub(crate) async fn whoever_hands_events_out_acknowledges_the_last_ones_too(broker: Broker) {
    let listener = Listener::open(&broker, 2).await;
    let (_link, publisher) = publisher(&broker).await;
    for n in 0..5 {
        tell(&publisher, "created.x", &n.to_string()).await;
    }
    let (handed_out, mut heard) = mpsc::unbounded_channel();
    let handing_out = listener.events.hand_out(|event| {
        let _ = handed_out.send(event.body);
    });
    let all = async {
        for n in 0..5 {
            assert_eq!(soon("an event", heard.recv()).await.unwrap(), n.to_string());
        }
    };
    tokio::select! {
        () = all => {}
        ended = handing_out => panic!("{ended:?}"),
    }
}

pub(crate) async fn a_listener_that_has_gone_leaves_no_queue_behind(broker: Broker) {
    let link = broker.open_declared("listener").await.unwrap();
    let name = event_queue::name("test", Uuid::new_v4());
    let events = link.listen(&name, 1).await.unwrap();
    drop(events);
    link.close().await;
    let mut again = Listener::open(&broker, 1).await;
    let taken = again.link.listen(&name, 1).await.unwrap(); // the name is free again
    drop(taken);
    let (_link, publisher) = publisher(&broker).await;
    tell(&publisher, "created.x", "still heard").await;
    again.hears("still heard").await;
}

pub(crate) async fn what_has_happened_by_an_answer_is_told_with_the_trace_of_its_question(
    broker: Broker,
) {
    let mut listener = Listener::open(&broker, 10).await;
    let _server = Server::announcer(&broker).await;
    let client = Client::open(&broker).await;
    let mission = Uuid::new_v4().to_string();
    let about = Envelope {
        traceparent: Some("00-ab-cd-01".to_owned()),
        tracestate: Some("a=b".to_owned()),
        ..Envelope::default()
    };
    client.ask_about(&about, &mission).await;
    let event = Envelope { kind: Some(MessageType::Created), ..about };
    assert_eq!(listener.hears(&mission).await, event);
}
