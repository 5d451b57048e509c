//! Questions that are ready are answered at once, up to the responder's limit.

use bus::Broker;

use super::responder::Questions;
use crate::support::responders::Server;

/// Asks 20 questions while the responder is busy with the first one, and gives what it was given.
async fn batches(broker: &Broker) -> Vec<Vec<String>> {
    let (_server, mut gate) = Server::gated(broker).await;
    let mut questions = Questions::open(broker).await;
    questions.ask("0").await;
    let mut batches = vec![gate.next().await];
    for n in 1..20 {
        questions.ask(&n.to_string()).await;
    }
    questions.all_arrived(20).await;
    gate.open();
    for n in 0..20 {
        assert_eq!(questions.answer().await.0, n.to_string());
    }
    while batches.iter().map(Vec::len).sum::<usize>() < 20 {
        batches.push(gate.next().await);
    }
    batches
}

pub(crate) async fn questions_that_are_ready_are_answered_at_once(broker: Broker) {
    let batches = batches(&broker).await;
    assert!(batches.iter().any(|batch| batch.len() > 1), "{batches:?}");
}

pub(crate) async fn a_responder_is_given_no_more_at_once_than_its_limit(broker: Broker) {
    let batches = batches(&broker).await;
    assert!(batches.iter().all(|batch| (1..=2).contains(&batch.len())), "{batches:?}");
}
