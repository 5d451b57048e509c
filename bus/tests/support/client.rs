//! A requester, as tests use it.

use std::sync::Arc;

use bus::{Broker, Envelope, Link, Reply, Requester};
use schemas::topology::PARTS;
use schemas::{MessageType, Part, Role};
use tokio::task::JoinHandle;

use crate::support::time::soon;

/// An requester with all that it needs.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) requester: Arc<Requester>,
    _links: Arc<(Link, Link)>,
    _replies: Arc<JoinHandle<()>>,
}

impl Client {
    pub(crate) async fn open(broker: &Broker) -> Self {
        let publishing = broker.open_declared("requester publish").await.unwrap();
        let replying = broker.open("requester replies").await.unwrap();
        let publisher = publishing.publisher().await.unwrap();
        let (requester, replies) =
            Requester::open(Role::Decider, &replying, publisher).await.unwrap();
        let replies = tokio::spawn(async move {
            let _ = replies.run().await; // a fault of one's session: its test sees it elsewhere
        });
        Self {
            requester: Arc::new(requester),
            _links: Arc::new((publishing, replying)),
            _replies: Arc::new(replies),
        }
    }

    /// Asks the number worker; its first answer is the answer.
    pub(crate) async fn ask(&self, question: &str) -> String {
        let answer = self.ask_about(&Envelope::default(), question).await;
        assert_eq!(answer.kind, MessageType::Part(Part::Number));
        text(&answer)
    }

    /// Asks, and takes whatever comes first; a question that is returned is asked again.
    pub(crate) async fn ask_about(&self, about: &Envelope, question: &str) -> Reply {
        let body = serde_json::to_vec(question).unwrap();
        let wanted = |reply: Reply| (reply.kind != MessageType::Returned).then_some(reply);
        let asking = self.requester.ask(PARTS, about, None, &body, wanted);
        soon("an answer", asking).await.unwrap()
    }
}

/// What the responders of the tests reply: the question.
pub(crate) fn text(answer: &Reply) -> String {
    serde_json::from_slice(&answer.body).unwrap()
}
