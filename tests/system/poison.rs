//! A mission that kills every decider that tries it, among good ones.

use std::collections::HashSet;

use futures_util::StreamExt;
use uuid::Uuid;

use crate::caller::{Caller, Reply};
use crate::process::Process;
use crate::redelivery::requests_are;
use crate::system::{System, eventually};

/// Deciders that die on one mission, and a supervisor that starts them again.
struct Deciders<'a> {
    system: &'a System,
    failpoint: String,
    running: Vec<Process>,
    deaths: u32,
}

impl<'a> Deciders<'a> {
    fn start(system: &'a System, poison: Uuid, count: usize) -> Self {
        let failpoint = format!("decider.before-parts={poison}");
        let start = || system.worker_that_dies("decider", Some(&failpoint));
        let running = std::iter::repeat_with(start).take(count).collect();
        Self { system, failpoint, running, deaths: 0 }
    }

    /// Starts a new decider for each that has died.
    fn look_after(&mut self) {
        for decider in &mut self.running {
            if !decider.runs() {
                *decider = self.system.worker_that_dies("decider", Some(&self.failpoint));
                self.deaths += 1;
            }
        }
    }

    /// Replaces dead deciders until this many missions are stored and the poison is set aside.
    async fn until_done(&mut self, rows: i64) {
        let system = self.system;
        eventually(&format!("{rows} rows and a dead letter"), async || {
            self.look_after();
            system.dead_letters().await > 0 && system.rows().await >= rows
        })
        .await;
        system.all_settled().await;
        assert_eq!(system.rows().await, rows);
        eprintln!("the poison killed {} deciders", self.deaths);
    }
}

/// Only the poison is set aside, with its reason, and its caller gets an error reply.
async fn set_aside(caller: &Caller, poison: Uuid, reply: &Reply) {
    assert_eq!(reply.kind, "problem");
    assert_eq!(reply.body["type"], "/problems/set-aside");
    assert_eq!(reply.body["missions"], serde_json::json!([poison]));
    let letters = caller.await_dead_letters(1).await;
    assert_eq!(letters[0].body["missions"], serde_json::json!([poison]));
    assert!(letters[0].reason.starts_with("set-aside: it was delivered"), "{}", letters[0].reason);
    assert_eq!((letters[0].role.as_str(), letters[0].tries), ("decider", 11));
}

/// A thousand requests for one mission each, but every hundredth is for ten.
fn good_requests() -> Vec<Vec<Uuid>> {
    let missions = |n: usize| if n.is_multiple_of(100) { 10 } else { 1 };
    let ids = |n| std::iter::repeat_with(Uuid::new_v4).take(missions(n)).collect();
    (0..1_000).map(ids).collect()
}

#[tokio::test]
async fn a_poison_among_a_thousand_requests_is_set_aside_and_the_others_get_their_missions() {
    let system = System::new().await;
    let _workers = system.all_but(["decider"]);
    let mut good = Caller::connect(&system).await;
    let mut evil = Caller::connect(&system).await;
    let poison = Uuid::new_v4();
    let mut deciders = Deciders::start(&system, poison, 2);
    let requests = good_requests();
    let requests: Vec<_> = requests.iter().map(Vec::as_slice).collect();
    let (before, after) = requests.split_at(500);
    good.requests(before).await;
    evil.request(&[poison]).await;
    good.requests(after).await;
    deciders.until_done(1_090).await;
    // Ten for the poison itself: it is tried ten times, and set aside with the eleventh delivery.
    assert!(deciders.deaths <= 10, "{} deaths", deciders.deaths);
    let reply = evil.reply().await;
    set_aside(&evil, poison, &reply).await;

    let mut unanswered: HashSet<_> = requests.iter().copied().flatten().copied().collect();
    let rows = system.missions().await;
    while !unanswered.is_empty() {
        for told in good.missions().await {
            let id = crate::system::id(&told);
            assert_eq!(rows.get(&id), Some(&told));
            unanswered.remove(&id);
        }
    }
}

#[tokio::test]
async fn a_poison_in_a_list_is_set_aside_and_its_nine_neighbours_are_stored() {
    let system = System::new().await;
    let _workers = system.all_but(["decider"]);
    let mut caller = Caller::connect(&system).await;
    let missions: [_; 10] = std::array::from_fn(|_| Uuid::new_v4());
    let mut deciders = Deciders::start(&system, missions[4], 2);
    caller.request(&missions).await;
    deciders.until_done(9).await;
    // Two before the list is split, ten alone.
    assert!(deciders.deaths <= 12, "{} deaths", deciders.deaths);
    for _ in 0..10 {
        let reply = caller.reply().await;
        assert_eq!(reply.correlation_id, missions[0].to_string());
        if reply.kind == "problem" {
            set_aside(&caller, missions[4], &reply).await;
        } else {
            system.stands(&reply.body["missions"][0]).await;
        }
    }
}

#[tokio::test]
async fn a_suspect_is_tried_when_everything_else_is_settled() {
    let system = System::new().await;
    let _workers = system.all_but(["letter", "decider"]);
    let mut letter = system.worker("letter");
    let mut caller = Caller::connect(&system).await;
    let poison = Uuid::new_v4();
    let failpoint = format!("decider.before-parts={poison}");
    let mut decider = system.worker_that_dies("decider", Some(&failpoint));
    caller.request(&[Uuid::new_v4()]).await; // after this one it takes many at a time
    caller.mission().await;
    letter.kill();
    let (first, mut taken) = caller.take_first().await;
    caller.publish(&[&[poison]], "").await;
    taken.next().await.unwrap().unwrap();
    let good: [_; 5] = std::array::from_fn(|_| Uuid::new_v4());
    caller.requests(&good.each_ref().map(std::slice::from_ref)).await;
    let (second, mut taken) = caller.take_first().await;
    first.close(200, "in vain".into()).await.unwrap();
    taken.next().await.unwrap().unwrap();
    second.close(200, "in vain".into()).await.unwrap();
    requests_are(&system, 0, 6); // the decider holds all of them, and runs
    assert!(decider.runs());

    let _letter = system.worker("letter");
    for _ in good {
        system.stands(&caller.mission().await).await;
    }
    assert!(!decider.ended().await.success());
}
