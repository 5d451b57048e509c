//! What each caller is told.

use schemas::{Mission, MissionId, MissionIds, Problem, ProblemKind};
use uuid::Uuid;

use super::*;

fn id(n: u128) -> MissionId {
    Uuid::from_u128(n).into()
}

fn admission(ids: &[u128]) -> Admission {
    let ids = MissionIds::try_from(ids.iter().copied().map(id).collect::<Vec<_>>()).unwrap();
    Admission { ids, keyed: false, trace: None }
}

fn mission(n: u128) -> Mission {
    let id = Uuid::from_u128(n);
    let json = format!(
        r#"{{"id":"{id}","dossier":"19 z 4 a 7 k 0 b 12 q 3 m","objective":"Follow","target":"Duchess","casebook":"malory","created_at":"2026-11-22T13:24:51.123456Z"}}"#
    );
    serde_json::from_str(&json).unwrap()
}

fn set_aside(ids: &[u128]) -> Problem {
    Problem::new(ProblemKind::SetAside, "refused").about(ids.iter().copied().map(id))
}

/// What this caller was told so far.
async fn told(waiter: Waiter<'_>) -> Result<Outcome, Published> {
    waiter.wait(std::future::ready(()), std::future::ready(())).await
}

#[tokio::test]
async fn a_problem_of_a_shared_message_condemns_none_of_its_callers() {
    let correlator = Correlator::new(256);
    let [one, other] = [1, 2].map(|n| correlator.admit(admission(&[n])).unwrap());
    let batch = correlator.next_batch().await;
    correlator.confirmed(&batch);
    assert_eq!(batch.request.missions.len(), 2, "they share a message");
    correlator.problem(&set_aside(&[1, 2]));
    correlator.stored(vec![mission(1)]);
    assert!(matches!(told(one).await, Ok(Outcome::Stored(_))), "its row is stored after all");
    assert!(matches!(told(other).await, Err(Published::Confirmed)), "and this one may be yet");
}

#[tokio::test]
async fn a_caller_is_told_of_its_own_missions_only() {
    let correlator = Correlator::new(256);
    let [one, other] = [1, 2].map(|n| correlator.admit(admission(&[n])).unwrap());
    correlator.confirmed(&correlator.next_batch().await);
    correlator.problem(&set_aside(&[1]));
    correlator.stored(vec![mission(2)]);
    let Ok(Outcome::Problem(problem)) = told(one).await else { panic!("no problem") };
    assert_eq!(problem.missions(), [id(1)]);
    assert!(matches!(told(other).await, Ok(Outcome::Stored(_))));
}

#[tokio::test]
async fn a_list_hears_which_of_its_missions_failed() {
    let correlator = Correlator::new(256);
    let list = correlator.admit(admission(&[1, 2, 3])).unwrap();
    correlator.confirmed(&correlator.next_batch().await);
    correlator.problem(&set_aside(&[2]));
    let Ok(Outcome::Problem(problem)) = told(list).await else { panic!("no problem") };
    assert_eq!(problem.missions(), [id(2)]);
}
