//! What only the in-process broker can be asked, because time can be paused and queues are fast.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code, and the helpers of tests")]

mod support {
    pub(crate) mod time;
}
mod in_memory {
    mod hammer;
}

use std::time::Duration;

use bus::{Address, Broker, Confirmed, ConfirmedPublisher, Envelope, Link, Requests};
use futures_util::FutureExt;
use schemas::topology::{LETTER_QUEUE, NUMBER_QUEUE, PARTS, REPLIES, REQUESTS, reply_queue};
use tokio::time::advance;

async fn open() -> Link {
    Broker::new(Address::Memory).open("test").await.unwrap()
}

async fn publish(publisher: &ConfirmedPublisher, body: &[u8]) -> Confirmed {
    publisher.publish(REQUESTS, &Envelope::default(), body).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_full_request_queue_refuses_until_there_is_room() {
    let link = open().await;
    let publisher = link.confirmed_publisher().await.unwrap();
    for _ in 0..10_000 {
        assert_eq!(publish(&publisher, b"").await, Confirmed::Taken);
    }
    assert_eq!(publish(&publisher, b"").await, Confirmed::Refused);
    let mut requests = Requests::take(&link, 1).await.unwrap();
    let taken = requests.next().await.unwrap().unwrap(); // what is held does not wait
    assert_eq!(publish(&publisher, b"").await, Confirmed::Taken);
    assert_eq!(publish(&publisher, b"").await, Confirmed::Refused);
    taken.ack().unwrap(); // it was still held
}

#[tokio::test(start_paused = true)]
async fn a_request_queue_is_bounded_in_bytes_too() {
    let publisher = open().await.confirmed_publisher().await.unwrap();
    for _ in 0..64 {
        assert_eq!(publish(&publisher, &vec![0; 1 << 20]).await, Confirmed::Taken);
    }
    assert_eq!(publish(&publisher, b"x").await, Confirmed::Refused);
}

#[tokio::test(start_paused = true)]
async fn a_full_reply_queue_drops_its_oldest() {
    let link = open().await;
    let publisher = link.publisher().await.unwrap();
    let mut replies = link.consume_own("reply.test.1", 1).await.unwrap();
    for n in 0..=reply_queue::MAX_LENGTH {
        let envelope = Envelope::default();
        publisher.send(REPLIES, "reply.test.1", &envelope, &n.to_be_bytes()).await.unwrap();
    }
    assert_eq!(&replies.next().await.unwrap().unwrap().body[..], 1u32.to_be_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_question_expires_after_30_seconds() {
    let link = open().await;
    let publisher = link.publisher().await.unwrap();
    let ask = async |body: &[u8]| {
        publisher.send(PARTS, "", &Envelope::default(), body).await.unwrap();
    };
    ask(b"1").await;
    advance(Duration::from_secs(10)).await;
    ask(b"2").await;
    advance(Duration::from_millis(19_999)).await;
    let mut numbers = link.consume(NUMBER_QUEUE, 1).await.unwrap();
    assert_eq!(&numbers.next().await.unwrap().unwrap().body[..], b"1");
    advance(Duration::from_millis(1)).await;
    let mut letters = link.consume(LETTER_QUEUE, 1).await.unwrap();
    assert_eq!(&letters.next().await.unwrap().unwrap().body[..], b"2");
}

#[tokio::test(start_paused = true)]
async fn a_questions_time_goes_on_while_it_is_held() {
    let link = open().await;
    let publisher = link.publisher().await.unwrap();
    publisher.send(PARTS, "", &Envelope::default(), b"1").await.unwrap();
    let mut numbers = link.consume(NUMBER_QUEUE, 1).await.unwrap();
    let held = numbers.next().await.unwrap().unwrap();
    advance(Duration::from_secs(30)).await;
    numbers.settler().release(held.tag).unwrap();
    assert!(numbers.ready().unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn each_address_makes_a_broker_of_its_own_and_clones_share_it() {
    let (one, two) = (Broker::new(Address::Memory), Broker::new(Address::Memory));
    let publisher = one.open("test").await.unwrap().confirmed_publisher().await.unwrap();
    assert_eq!(publish(&publisher, b"").await, Confirmed::Taken);
    for (broker, has_it) in [(two, false), (one.clone(), true)] {
        let link = broker.open("test").await.unwrap();
        let mut requests = Requests::take(&link, 1).await.unwrap();
        assert_eq!(requests.next().now_or_never().is_some(), has_it);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_queue_of_somebody_else_cannot_be_had() {
    let link = open().await;
    let own = link.consume_own("reply.test.1", 1).await.unwrap();
    assert!(link.consume_own("reply.test.1", 1).await.is_err());
    assert!(link.consume_own("mission.requests", 1).await.is_err());
    drop(own);
    assert!(link.consume_own("reply.test.1", 1).await.is_ok());
}
