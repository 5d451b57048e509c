//! Requesters, and a worker that the test plays by hand.

use bus::{Broker, Consumer, CopyTo, Deadline, Delivery, Envelope, Link, Publisher};
use schemas::topology::{NUMBER_QUEUE, PARTS, REPLIES};
use schemas::{ActionId, MessageType, Part};

use crate::support::client::{Client, text};
use crate::support::responders::Server;
use crate::support::time::soon;

/// A number worker whose every move the test makes.
struct Worker {
    questions: Consumer,
    publisher: Publisher,
    _link: Link,
}

impl Worker {
    async fn open(broker: &Broker) -> Self {
        let link = broker.open_declared("worker").await.unwrap();
        let questions = link.consume(NUMBER_QUEUE, 100).await.unwrap();
        let publisher = link.publisher().await.unwrap();
        Self { questions, publisher, _link: link }
    }

    /// Takes the next question; it will not come back.
    async fn next(&mut self) -> Delivery {
        let question = soon("a question", self.questions.next()).await.unwrap().unwrap();
        self.questions.settler().ack(question.tag).unwrap();
        question
    }

    async fn answer(&self, question: &Delivery, body: &str) {
        self.send(question, &question.envelope.reply(MessageType::Part(Part::Number)), body).await;
    }

    async fn send(&self, question: &Delivery, envelope: &Envelope, body: &str) {
        let key = question.envelope.reply_to.as_deref().unwrap();
        let body = serde_json::to_vec(body).unwrap();
        self.publisher.send(REPLIES, key, envelope, &body).await.unwrap();
    }
}

pub(crate) async fn an_ask_is_answered_by_whoever_serves(broker: Broker) {
    let _server = Server::numbers(&broker).await;
    let client = Client::open(&broker).await;
    assert_eq!(client.ask("where is the double agent?").await, "where is the double agent?");
}

pub(crate) async fn an_ask_waits_for_a_server_that_comes_later(broker: Broker) {
    let client = Client::open(&broker).await;
    let (answer, _server) = tokio::join!(client.ask("anybody?"), async {
        tokio::task::yield_now().await; // the question goes first
        Server::numbers(&broker).await
    });
    assert_eq!(answer, "anybody?");
}

pub(crate) async fn an_ask_gathers_answers_of_several_kinds(broker: Broker) {
    let _servers = (Server::numbers(&broker).await, Server::letters(&broker).await);
    let client = Client::open(&broker).await;
    let mut kinds = Vec::new();
    let about = Envelope::default();
    let asking = client.requester.ask(PARTS, &about, None, b"\"both\"", |answer| {
        assert_eq!(text(&answer), "both");
        kinds.push(answer.kind);
        (kinds.contains(&MessageType::Part(Part::Number))
            && kinds.contains(&MessageType::Part(Part::Letter)))
        .then_some(())
    });
    soon("both answers", asking).await.unwrap();
}

pub(crate) async fn the_first_answer_counts_when_two_come(broker: Broker) {
    let (client, mut worker) = (Client::open(&broker).await, Worker::open(&broker).await);
    for round in 0..3 {
        let (answer, ()) = tokio::join!(client.ask("?"), async {
            let question = worker.next().await;
            worker.answer(&question, &format!("first of {round}")).await;
            worker.answer(&question, &format!("second of {round}")).await;
        });
        assert_eq!(answer, format!("first of {round}"));
    }
}

pub(crate) async fn an_ask_is_repeated_and_a_late_answer_to_it_counts(broker: Broker) {
    let (client, mut worker) = (Client::open(&broker).await, Worker::open(&broker).await);
    let (answer, ()) = tokio::join!(client.ask("?"), async {
        let first = worker.next().await;
        let repeated = worker.next().await;
        let again = Envelope { attempt: 2, ..first.envelope.clone() };
        assert_eq!((&first.body, again), (&repeated.body, repeated.envelope));
        worker.answer(&first, "late").await;
    });
    assert_eq!(answer, "late");
}

pub(crate) async fn answers_that_nobody_waits_for_do_no_harm(broker: Broker) {
    let (client, mut worker) = (Client::open(&broker).await, Worker::open(&broker).await);
    let (answer, ()) = tokio::join!(client.ask("?"), async {
        let question = worker.next().await;
        let good = question.envelope.reply(MessageType::Part(Part::Number));
        for id in [None, Some(""), Some("0"), Some("-1"), Some("99999999999999999999"), Some("x")] {
            let wrong = Envelope { correlation_id: id.map(str::to_owned), ..good.clone() };
            worker.send(&question, &wrong, "of somebody else").await;
        }
        worker.send(&question, &Envelope { kind: None, ..good.clone() }, "of no kind").await;
        worker.send(&question, &good, "good").await;
    });
    assert_eq!(answer, "good");
}

pub(crate) async fn an_answer_to_an_ask_that_was_given_up_does_no_harm(broker: Broker) {
    let (client, mut worker) = (Client::open(&broker).await, Worker::open(&broker).await);
    let given_up = tokio::select! {
        _ = client.ask("1") => panic!("nobody answered"),
        question = worker.next() => question,
    };
    let (answer, ()) = tokio::join!(client.ask("2"), async {
        let second = worker.next().await;
        worker.answer(&given_up, "late").await;
        worker.answer(&second, "in time").await;
    });
    assert_eq!(answer, "in time");
}

pub(crate) async fn answers_go_to_whoever_asked(broker: Broker) {
    let (one, two) = (Client::open(&broker).await, Client::open(&broker).await);
    let mut worker = Worker::open(&broker).await;
    let (first, second, ()) = tokio::join!(one.ask("1"), two.ask("2"), async {
        let (this, that) = (worker.next().await, worker.next().await);
        for question in [that, this] {
            let body: String = serde_json::from_slice(&question.body).unwrap();
            worker.answer(&question, &body).await;
        }
    });
    assert_eq!((first.as_str(), second.as_str()), ("1", "2"));
}

pub(crate) async fn many_asks_at_once_get_their_own_answers(broker: Broker) {
    let _servers = (Server::numbers(&broker).await, Server::numbers(&broker).await);
    let client = Client::open(&broker).await;
    // More than either side may hold unacknowledged.
    let asks = (0..600).map(|n| {
        let client = client.clone();
        tokio::spawn(async move { assert_eq!(client.ask(&n.to_string()).await, n.to_string()) })
    });
    for ask in asks.collect::<Vec<_>>() {
        ask.await.unwrap();
    }
}

pub(crate) async fn a_question_carries_whose_it_is_and_its_trace_and_nothing_else(broker: Broker) {
    let (client, mut worker) = (Client::open(&broker).await, Worker::open(&broker).await);
    let about = Envelope {
        message_id: Some("7".to_owned()),
        reply_to: Some("caller".to_owned()),
        correlation_id: Some("the caller's".to_owned()),
        kind: Some(MessageType::Problem),
        app_id: Some("caller".to_owned()),
        expiration: Some("60000".to_owned()),
        content_encoding: Some("gzip".to_owned()),
        timestamp: Some(1_700_000_000),
        traceparent: Some("00-ab-cd-01".to_owned()),
        tracestate: Some("a=b".to_owned()),
        deadline: Some(Deadline::At(5)),
        replay: Some(ActionId::from(uuid::Uuid::from_u128(7))),
        label: None,
        tries: 0,
        attempt: 5,
        copy_to: Some(CopyTo { address: "reply.other.1".to_owned(), correlation_id: None }),
        stamps: "number n.1 - 1 2 1, letter l.1 1 2 3 2".parse().unwrap(),
        links: Some("00-ab-cd-01,00-ef-01-01".to_owned()),
    };
    let (_, question) = tokio::join!(client.ask_about(&about, "?"), async {
        let question = worker.next().await;
        worker.answer(&question, "").await;
        question
    });
    let Envelope { reply_to, correlation_id, .. } = question.envelope.clone();
    assert!(reply_to.as_deref().unwrap().starts_with("reply.decider."));
    assert_ne!(correlation_id, about.correlation_id);
    let Envelope { message_id, traceparent, tracestate, links, .. } = about;
    let own = Envelope { message_id, traceparent, tracestate, links, ..Envelope::default() };
    // The attempt is not the caller's: this is the first one, which is written as no header.
    assert_eq!(question.envelope, Envelope { reply_to, correlation_id, ..own });
}
