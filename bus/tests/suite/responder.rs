//! Serving, and questions that nobody repeats.

use bus::{Broker, Consumer, Delivery, Envelope, Link, Publisher, State};
use schemas::topology::PARTS;
use schemas::{MessageType, Part};

use crate::support::client::Client;
use crate::support::responders::Server;
use crate::support::time::soon;

/// Questions to the number worker, each asked once.
pub(super) struct Questions {
    publisher: Publisher,
    answers: Consumer,
    link: Link,
}

/// Where they are answered.
const ADDRESS: &str = "reply.test.1";

impl Questions {
    pub(super) async fn open(broker: &Broker) -> Self {
        let link = broker.open_declared("questions").await.unwrap();
        let answers = link.consume_own(ADDRESS, 1_000).await.unwrap();
        Self { publisher: link.publisher().await.unwrap(), answers, link }
    }

    pub(super) async fn ask(&self, question: &str) {
        let envelope = Envelope {
            reply_to: Some(ADDRESS.to_owned()),
            correlation_id: Some(format!("id of {question}")),
            traceparent: Some("00-ab-cd-01".to_owned()),
            ..Envelope::default()
        };
        self.send(&envelope, &serde_json::to_vec(question).unwrap()).await;
    }

    async fn send(&self, envelope: &Envelope, body: &[u8]) {
        self.publisher.send(PARTS, "", envelope, body).await.unwrap();
    }

    pub(super) async fn answer(&mut self) -> (String, Delivery) {
        let answer = soon("an answer", self.answers.next()).await.unwrap().unwrap();
        (serde_json::from_slice(&answer.body).unwrap(), answer)
    }

    /// The reply to this question, which is either the question itself or says that it is returned.
    pub(super) async fn settled(&mut self, question: &str) -> MessageType {
        let reply = soon("a reply", self.answers.next()).await.unwrap().unwrap();
        assert_eq!(reply.envelope.correlation_id, Some(format!("id of {question}")));
        reply.envelope.kind.unwrap()
    }

    /// Returns when the broker has taken all that was asked: the letter queue gets it too.
    pub(super) async fn all_arrived(&self, count: usize) {
        let mut letters = self.link.consume(schemas::topology::LETTER_QUEUE, 1_000).await.unwrap();
        for _ in 0..count {
            soon("a question", letters.next()).await.unwrap().unwrap();
        }
    }
}

pub(crate) async fn an_answer_says_what_it_is_and_whose_and_when_it_was_made(broker: Broker) {
    let _server = Server::numbers(&broker).await;
    let mut questions = Questions::open(&broker).await;
    questions.ask("who?").await;
    let (answer, delivery) = questions.answer().await;
    assert_eq!(answer, "who?");
    let expected = Envelope {
        correlation_id: Some("id of who?".to_owned()),
        kind: Some(MessageType::Part(Part::Number)),
        app_id: Some("number-1".to_owned()),
        traceparent: Some("00-ab-cd-01".to_owned()),
        stamps: "number number-1 - 1795348800000000 1795348800000000 1".parse().unwrap(),
        ..Envelope::default()
    };
    assert_eq!(delivery.envelope, expected);
}

pub(crate) async fn a_question_that_is_answered_is_gone(broker: Broker) {
    let first = Server::numbers(&broker).await;
    let mut questions = Questions::open(&broker).await;
    questions.ask("1").await;
    questions.answer().await;
    first.stop().await;
    let (_second, mut gate) = Server::gated(&broker).await;
    questions.ask("2").await;
    assert_eq!(gate.next().await, ["2"]);
}

pub(crate) async fn a_question_is_answered_by_one_of_several_servers(broker: Broker) {
    let _servers = (Server::numbers(&broker).await, Server::numbers(&broker).await);
    let mut questions = Questions::open(&broker).await;
    for n in 0..40 {
        questions.ask(&n.to_string()).await;
    }
    let mut answers = Vec::new();
    while answers.len() < 40 {
        answers.push(questions.answer().await.0.parse::<u32>().unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers, (0..40).collect::<Vec<_>>());
}

pub(crate) async fn a_question_that_cannot_be_read_is_dropped(broker: Broker) {
    let (_server, mut gate) = Server::gated(&broker).await;
    gate.open();
    let mut questions = Questions::open(&broker).await;
    let envelope = Envelope { reply_to: Some(ADDRESS.to_owned()), ..Envelope::default() };
    for body in [&b"{"[..], b"", b"7", b"\xff"] {
        questions.send(&envelope, body).await;
    }
    questions.ask("good").await;
    assert_eq!(questions.answer().await.0, "good");
    assert_eq!(gate.next().await, ["good"]); // and was never asked nothing
}

pub(crate) async fn a_question_without_a_return_address_of_ours_is_dropped(broker: Broker) {
    let (_server, mut gate) = Server::gated(&broker).await;
    gate.open();
    let mut questions = Questions::open(&broker).await;
    for address in [None, Some(""), Some("caller"), Some("mission.requests")] {
        let reply_to = address.map(str::to_owned);
        questions.send(&Envelope { reply_to, ..Envelope::default() }, b"\"lost\"").await;
    }
    questions.ask("good").await;
    assert_eq!(questions.answer().await.0, "good");
    assert_eq!(gate.next().await, ["good"]);
}

pub(crate) async fn an_answer_to_a_requester_who_has_gone_does_no_harm(broker: Broker) {
    let (server, mut gate) = Server::gated(&broker).await;
    let gone = Questions::open(&broker).await;
    gone.ask("anybody?").await;
    gate.next().await;
    let Questions { answers, link, .. } = gone;
    drop(answers);
    link.close().await;
    gate.open();
    let mut questions = Questions::open(&broker).await; // its name is free again
    questions.ask("next").await;
    while questions.answer().await.0 != "next" {}
    assert_eq!(server.health.state(), State::Up);
}

pub(crate) async fn a_stopped_server_gives_back_what_it_has_not_answered(broker: Broker) {
    let (first, mut gate) = Server::gated(&broker).await;
    let mut questions = Questions::open(&broker).await;
    let asked = ["1", "2", "3", "4", "5"];
    for question in asked {
        questions.ask(question).await;
    }
    questions.all_arrived(5).await;
    gate.next().await;
    first.stop().await;
    let _second = Server::numbers(&broker).await;
    for question in asked {
        questions.settled(question).await;
    }
}

pub(crate) async fn a_question_whose_server_died_is_returned_to_whoever_asked(broker: Broker) {
    let (first, mut gate) = Server::gated(&broker).await;
    let mut questions = Questions::open(&broker).await;
    questions.ask("1").await;
    gate.next().await;
    questions.ask("2").await;
    first.crash().await;
    let _second = Server::numbers(&broker).await;
    assert_eq!(questions.settled("1").await, MessageType::Returned);
    questions.settled("2").await;
}

pub(crate) async fn a_question_whose_server_died_is_asked_again_at_once(broker: Broker) {
    let (first, mut gate) = Server::gated(&broker).await;
    let client = Client::open(&broker).await;
    let surviving = async {
        gate.next().await;
        first.crash().await;
        Server::numbers(&broker).await
    };
    let (answer, _second) = tokio::join!(client.ask("who?"), surviving);
    assert_eq!(answer, "who?");
}
