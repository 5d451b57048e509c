//! Copies of replies: who else than the requester is told what is stored.

use std::slice;

use bus::{Broker, Copied, CopyTo, Envelope, Reply, Responder, Response};
use schemas::topology::{DECISION_QUEUE, DECISIONS, Queue};
use schemas::{MessageType, MissionIds, Role};
use tokio_util::sync::CancellationToken;

use crate::support::client::Client;
use crate::support::responders::{Server, echo};
use crate::support::time::soon;

/// Stores nothing, and says that it has.
struct Stores;

impl Responder for Stores {
    type Question = String;
    const LIMIT: usize = MissionIds::MAX;

    fn role(&self) -> Role {
        Role::Persister
    }

    fn queue(&self) -> Queue {
        DECISION_QUEUE
    }

    fn weight(_: &String) -> usize {
        1
    }

    async fn respond(&mut self, questions: Vec<String>) -> Option<Vec<Response>> {
        let kind = |question: &String| match question.as_str() {
            "bad" => MessageType::Problem,
            _ => MessageType::Stored,
        };
        Some(
            questions
                .iter()
                .flat_map(|question| echo(kind(question), slice::from_ref(question)))
                .collect(),
        )
    }
}

/// Asks for a row, with a copy of the reply to `copy_to`.
async fn store(client: &Client, row: &str, copy_to: &CopyTo) -> Reply {
    let stamps = "decider d-1 - 5 6 1, number n-1 5 5 5 1".parse().unwrap();
    let copy = Some(Copied { to: copy_to.clone(), stamps });
    let body = serde_json::to_vec(row).unwrap();
    let about = Envelope::default();
    soon("an answer", client.requester.ask(DECISIONS, &about, copy, &body, Some)).await.unwrap()
}

pub(crate) async fn a_caller_gets_a_copy_of_what_is_stored_with_every_stamp(broker: Broker) {
    let server = Server::start(&broker, Stores, CancellationToken::new());
    server.up().await;
    let (client, link) = (Client::open(&broker).await, broker.open("caller").await.unwrap());
    let address = "reply.gateway.1".to_owned();
    let mut caller = link.consume_own(&address, 8).await.unwrap();
    let copy_to = CopyTo { address, correlation_id: Some("the caller's".to_owned()) };
    let problem = store(&client, "bad", &copy_to).await;
    assert_eq!((problem.kind, problem.copied), (MessageType::Problem, false));
    let elsewhere = CopyTo { address: "mission.requests".to_owned(), ..copy_to.clone() };
    assert!(!store(&client, "for nobody", &elsewhere).await.copied);
    let gone = CopyTo { address: "reply.gateway.2".to_owned(), ..copy_to.clone() };
    assert!(store(&client, "for one who has gone", &gone).await.copied);

    let answer = store(&client, "row", &copy_to).await;
    assert_eq!((answer.kind, answer.copied), (MessageType::Missions, true));
    let copy = soon("the copy", caller.next()).await.unwrap().unwrap();
    let stamps = "decider d-1 - 5 6 1, number n-1 5 5 5 1, \
                  persister persister-1 6 1795348800000000 1795348800000000 1";
    assert_eq!((copy.body, copy.envelope.kind), (answer.body, Some(MessageType::Missions)));
    assert_eq!(copy.envelope.stamps.to_string(), stamps);
    assert_eq!(copy.envelope.copy_to, Some(copy_to));
}
