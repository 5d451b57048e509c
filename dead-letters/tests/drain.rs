//! Letters move from the queue of a broker in this process into a file.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bus::dead_letter::{self, Label};
use bus::{Broker, Envelope, Link};
use dead_letters::drain;
use schemas::topology::DEAD_LETTER_QUEUE;
use store::{LetterFilter, LetterPage, Store};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

struct Setup {
    broker: Broker,
    link: Link,
    store: Store,
    _directory: TempDir,
}

impl Setup {
    async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let url = format!("sqlite:{}", directory.path().join("letters.db").display());
        let store = Store::new(&url.parse().unwrap());
        store.migrate().await.unwrap();
        let broker = Broker::new("memory:".parse().unwrap());
        let link = broker.open_declared("test").await.unwrap();
        Self { broker, link, store, _directory: directory }
    }

    async fn publish(&self, message_id: &str) {
        let publisher = self.link.confirmed_publisher().await.unwrap();
        let envelope = Envelope { message_id: Some(message_id.to_owned()), ..Envelope::default() };
        let label = Label {
            id: None,
            reason: "invalid: no".to_owned(),
            role: "decider".to_owned(),
            tries: 1,
            first_at: 1,
            last_at: 2,
        };
        dead_letter::publish(&publisher, &envelope, b"\xff", label).await.unwrap();
    }

    /// Drains what is there, as a process does that is told to stop.
    async fn drain(&self) {
        let stop = CancellationToken::new();
        let draining = drain::run(&self.broker, &self.store, &stop, clock);
        let stopping = async {
            while self.page().await.letters.is_empty() {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        tokio::join!(draining, stopping);
    }

    async fn page(&self) -> LetterPage {
        self.store.letters().list(&LetterFilter::default(), None, 100).await.unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test has the time of this machine")]
fn clock() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}

#[tokio::test]
async fn letters_are_moved_and_those_that_are_here_also_after_a_stop() {
    let setup = Setup::new().await;
    for n in 0..100 {
        setup.publish(&n.to_string()).await;
    }
    setup.drain().await;
    assert_eq!(setup.page().await.letters.len(), 100);
    let mut rest = setup.link.consume(DEAD_LETTER_QUEUE, 10).await.unwrap();
    assert!(rest.ready().unwrap().is_none(), "the queue is empty");
}

#[tokio::test]
async fn a_letter_that_was_delivered_often_is_published_again_and_is_one_row() {
    let setup = Setup::new().await;
    setup.publish("7").await;
    for earlier in 0..8 {
        let mut consumer = setup.link.consume(DEAD_LETTER_QUEUE, 1).await.unwrap();
        let letter = consumer.next().await.unwrap().unwrap();
        assert_eq!(letter.earlier, earlier);
        consumer.settler().release(letter.tag).unwrap();
    }
    setup.drain().await;
    let page = setup.page().await;
    let ids: Vec<_> = page.letters.iter().map(|listed| listed.letter.message_id.clone()).collect();
    assert_eq!(ids, [Some("7".to_owned())]);
}
