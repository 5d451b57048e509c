//! A letter worker that gives wrong replies, repeated replies, or replies for another request.

use futures_util::StreamExt;
use lapin::{BasicProperties, Consumer};
use serde_json::Value;
use uuid::Uuid;

use crate::caller::Caller;
use crate::system::{DEADLINE, System};

/// Takes the requests to the letter workers, and replies what the test says.
struct Impostor {
    caller: Caller,
    questions: Consumer,
}

/// Where a reply goes.
struct Question {
    reply_to: String,
    correlation_id: String,
}

impl Impostor {
    async fn connect(system: &System) -> Self {
        let caller = Caller::connect(system).await;
        let questions = caller.consume("mission.letters").await;
        Self { caller, questions }
    }

    async fn question(&mut self) -> Question {
        let waiting = tokio::time::timeout(DEADLINE, self.questions.next());
        let delivery = waiting.await.expect("a question in time").unwrap().unwrap();
        let property = |text: &Option<lapin::types::ShortString>| text.clone().unwrap().to_string();
        Question {
            reply_to: property(delivery.properties.reply_to()),
            correlation_id: property(delivery.properties.correlation_id()),
        }
    }

    async fn answer(&self, to: &str, correlation_id: &str, kind: &str, body: &str) {
        let properties = BasicProperties::default()
            .with_correlation_id(correlation_id.into())
            .with_type(kind.into());
        let sending = self.caller.send("mission.replies", to, properties, body.as_bytes());
        assert!(sending.await.await.unwrap().is_ack());
    }

    /// Wrong replies, among them a good one with an unknown correlation id.
    async fn answer_wrong(&self, Question { reply_to, correlation_id }: &Question) {
        for wrong in [
            "not JSON",
            r#"{"letters":[]}"#,
            r#"{"letters":["aaaaaa","aaaaaa"]}"#,
            r#"{"letters":["AAAAAA"]}"#,
        ] {
            self.answer(reply_to, correlation_id, "letters", wrong).await;
        }
        let good = r#"{"letters":["aaaaaa"]}"#;
        self.answer(reply_to, correlation_id, "no such kind", good).await;
        self.answer(reply_to, "4711", "letters", good).await;
        self.answer(reply_to, "not even a number", "letters", good).await;
    }
}

/// The six letters of a mission.
fn letters(mission: &Value) -> String {
    mission["dossier"].as_str().unwrap().split(' ').skip(1).step_by(2).collect()
}

#[tokio::test]
async fn wrong_letters_are_ignored_and_the_first_right_ones_are_used() {
    let system = System::new().await;
    let mut decider = system.worker("decider");
    let _others = system.all_but(["letter", "decider"]);
    let mut caller = Caller::connect(&system).await;
    let mut impostor = Impostor::connect(&system).await;
    caller.request(&[Uuid::new_v4()]).await;
    let question = impostor.question().await;
    impostor.answer_wrong(&question).await;
    for right in [r#"{"letters":["zakbqm"]}"#, r#"{"letters":["bbbbbb"]}"#] {
        impostor.answer(&question.reply_to, &question.correlation_id, "letters", right).await;
    }
    let mission = caller.mission().await;
    assert_eq!(letters(&mission), "zakbqm");
    assert_eq!(mission["target"], "the flask developer");
    system.stands(&mission).await;
    assert_eq!(system.rows().await, 1);
    // When the reply behind it was used, the second right one has arrived too.
    caller.request(&[Uuid::new_v4()]).await;
    let next = impostor.question().await;
    let right = r#"{"letters":["zakbqm"]}"#;
    impostor.answer(&next.reply_to, &next.correlation_id, "letters", right).await;
    caller.mission().await;
    assert!(decider.stop().await.success());
    let log = decider.log();
    let totals = log.lines().find(|line| line.contains("replies that were dropped")).unwrap();
    let totals: Value = serde_json::from_str(totals).unwrap();
    assert_eq!(totals["malformed"], 5, "each wrong one is counted: {totals}");
    let late = totals["late"].as_u64().unwrap();
    assert!(late >= 3, "two that nobody asked for, and the second right one: {totals}");
}

#[tokio::test]
async fn a_request_that_got_only_wrong_replies_is_sent_again_to_another_worker() {
    let system = System::new().await;
    let _workers = system.all_but(["letter"]);
    let mut caller = Caller::connect(&system).await;
    let mut impostor = Impostor::connect(&system).await;
    caller.request(&[Uuid::new_v4()]).await;
    let question = impostor.question().await;
    impostor.answer_wrong(&question).await;
    let again = impostor.question().await;
    assert_eq!(again.correlation_id, question.correlation_id, "a late answer would still count");
    drop(impostor);
    let _letter = system.worker("letter");
    system.stands(&caller.mission().await).await;
    system.all_settled().await;
    assert!(caller.dead_letters().await.is_empty());
}
