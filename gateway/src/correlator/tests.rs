//! What each caller is told.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use schemas::{Mission, MissionId, MissionIds, Problem, ProblemKind};
use uuid::Uuid;

use super::*;

/// How long a caller waits.
const WAIT: Duration = Duration::from_secs(10);

fn id(n: u128) -> MissionId {
    Uuid::from_u128(n).into()
}

fn admission(ids: &[u128]) -> Admission {
    let ids = MissionIds::try_from(ids.iter().copied().map(id).collect::<Vec<_>>()).unwrap();
    Admission { ids, keyed: false, trace: None, client: None }
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
    let correlator = Correlator::new(256, WAIT);
    let [one, other] = [1, 2].map(|n| correlator.admit(admission(&[n])).unwrap());
    let batch = correlator.next_batch().await;
    correlator.confirmed(&batch);
    assert_eq!(batch.request.missions.len(), 2, "they share a message");
    correlator.problem(&set_aside(&[1, 2]), None);
    correlator.stored(vec![mission(1)], None);
    assert!(matches!(told(one).await, Ok(Outcome::Stored(_))), "its row is stored after all");
    assert!(matches!(told(other).await, Err(Published::Confirmed)), "and this one may be yet");
}

#[tokio::test]
async fn a_caller_is_told_of_its_own_missions_only() {
    let correlator = Correlator::new(256, WAIT);
    let [one, other] = [1, 2].map(|n| correlator.admit(admission(&[n])).unwrap());
    correlator.confirmed(&correlator.next_batch().await);
    correlator.problem(&set_aside(&[1]), None);
    correlator.stored(vec![mission(2)], None);
    let Ok(Outcome::Problem(problem)) = told(one).await else { panic!("no problem") };
    assert_eq!(problem.missions(), [id(1)]);
    assert!(matches!(told(other).await, Ok(Outcome::Stored(_))));
}

#[tokio::test]
async fn a_list_hears_which_of_its_missions_failed() {
    let correlator = Correlator::new(256, WAIT);
    let list = correlator.admit(admission(&[1, 2, 3])).unwrap();
    correlator.confirmed(&correlator.next_batch().await);
    correlator.problem(&set_aside(&[2]), None);
    let Ok(Outcome::Problem(problem)) = told(list).await else { panic!("no problem") };
    assert_eq!(problem.missions(), [id(2)]);
}

#[tokio::test]
async fn one_client_does_not_fill_the_queue_for_the_others() {
    let correlator = Correlator::new(256, WAIT);
    let list = |first: u128, last: u8| {
        let ids: Vec<_> = (first..first + 256).collect();
        let client = Some(IpAddr::from([203, 0, 113, last]));
        Admission { client, ..admission(&ids) }
    };
    let mut waiters = Vec::new();
    for n in 0..32 {
        match correlator.admit(list(n * 256, 1)) {
            Ok(waiter) => waiters.push(waiter),
            Err(error) => assert_eq!(error, AdmissionError::Full),
        }
    }
    assert!((8..=16).contains(&waiters.len()), "{} lists of one client", waiters.len());
    assert!(correlator.admit(list(1 << 20, 2)).is_ok(), "another client has its share");
    drop(waiters);
    assert!(correlator.admit(list(1 << 30, 1)).is_ok(), "what is given up is free again");
}

/// Publishes what is queued, and has the broker confirm it.
async fn publish(correlator: &Correlator) -> Vec<MissionId> {
    let batch = correlator.next_batch().await;
    correlator.confirmed(&batch);
    batch.request.missions.as_slice().to_vec()
}

/// Publishes what may be published now, and returns that.
fn publish_all(correlator: &Correlator) -> Vec<MissionId> {
    let mut published = Vec::new();
    loop {
        let next = correlator.pending().next_batch(256);
        let Next::Batch(batch) = next else { return published };
        correlator.confirmed(&batch);
        published.extend(batch.request.missions.as_slice());
    }
}

/// How long until a caller is overdue.
const OVERDUE: Duration = Duration::from_secs(4);

#[tokio::test(start_paused = true)]
async fn a_caller_that_later_ones_have_passed_is_published_again_once() {
    let correlator = Correlator::new(256, WAIT);
    let _lost = correlator.admit(admission(&[1])).unwrap();
    publish(&correlator).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let _later = correlator.admit(admission(&[2])).unwrap();
    publish(&correlator).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(correlator.overdue(OVERDUE, 10), [id(1)]);
    assert_eq!(correlator.repeat_passed(OVERDUE), 0, "nobody was answered: it may be slow");
    correlator.stored(vec![mission(2)], None);
    assert_eq!(correlator.repeat_passed(OVERDUE), 1);
    assert_eq!(publish(&correlator).await, [id(1)]);
    assert!(correlator.overdue(OVERDUE, 10).is_empty());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(correlator.overdue(OVERDUE, 10), [id(1)]);
    assert_eq!(correlator.repeat_passed(OVERDUE), 0, "once is enough");
}

#[tokio::test(start_paused = true)]
async fn when_nobody_is_answered_the_oldest_caller_is_published_again() {
    let correlator = Correlator::new(256, WAIT);
    let _callers = [1, 2].map(|n| correlator.admit(admission(&[n])).unwrap());
    publish(&correlator).await;
    assert!(!correlator.is_silent(OVERDUE));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(correlator.is_silent(OVERDUE));
    correlator.repeat_oldest();
    assert_eq!(publish(&correlator).await, [id(1)]);
    correlator.stored(vec![mission(1)], None);
    assert!(!correlator.is_silent(OVERDUE));
    assert_eq!(correlator.repeat_passed(OVERDUE), 1, "the other one was passed");
}

#[tokio::test]
async fn a_request_that_no_queue_took_is_published_again_and_its_caller_is_told_nothing() {
    let correlator = Correlator::new(256, WAIT);
    let waiter = correlator.admit(admission(&[1])).unwrap();
    let batch = correlator.next_batch().await;
    correlator.returned(&batch);
    correlator.session_ends();
    correlator.session_begins();
    assert_eq!(publish(&correlator).await, [id(1)]);
    correlator.stored(vec![mission(1)], None);
    assert!(matches!(told(waiter).await, Ok(Outcome::Stored(_))));
}

/// So many callers come in each tenth of a second, each for a mission of its own, and so many are
/// answered, those first that came first. A caller leaves after its wait; its mission is done all the
/// same. Each phase has its seconds. How many callers were answered in time in the last second of each.
async fn crowd<const N: usize>(phases: [([usize; 2], usize); N]) -> [usize; N] {
    tokio::time::advance(Duration::from_secs(100)).await;
    let correlator = Correlator::new(256, WAIT);
    correlator.session_begins();
    let (mut next, mut queue, mut in_time) = (0, VecDeque::new(), VecDeque::from([0; 10]));
    let mut last = [0; N];
    for (phase, ([arrive, done], seconds)) in phases.into_iter().enumerate() {
        for _ in 0..10 * seconds {
            for _ in 0..arrive {
                next += 1;
                match correlator.admit(admission(&[next])) {
                    Ok(waiter) => queue.push_back((next, Instant::now(), Some(waiter))),
                    Err(error) => assert_eq!(error, AdmissionError::Overloaded),
                }
            }
            publish_all(&correlator);
            correlator.found(Vec::new()); // a search in the table
            tokio::time::advance(Duration::from_millis(100)).await;
            for (_, since, waiter) in &mut queue {
                waiter.take_if(|_| since.elapsed() >= WAIT);
            }
            in_time.pop_front();
            in_time.push_back(0);
            for (n, since, waiter) in queue.drain(..done.min(queue.len())) {
                correlator.stored(vec![mission(n)], Some(since.elapsed()));
                in_time[9] += usize::from(waiter.is_some());
            }
        }
        last[phase] = in_time.iter().sum();
    }
    last
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_gateway_admits_as_many_as_are_answered_in_time() {
    let [before, at_first, for_good] =
        crowd([([10, 10], 5), ([100, 10], 10), ([100, 10], 60)]).await;
    assert_eq!((before, at_first, for_good), (100, 100, 100));
}

#[tokio::test(start_paused = true)]
async fn a_silent_system_refuses_nobody_and_does_its_backlog_first() {
    // For 20 s nobody works: 400 of 600 callers leave with a 202. Then half as many are done as come.
    let [_, silent, in_the_end] = crowd([([10, 10], 5), ([20, 0], 20), ([20, 10], 60)]).await;
    assert_eq!((silent, in_the_end), (0, 100));
}

/// A client sends lists to a system that does 20 missions in a tenth of a second, in their order, and
/// hangs up after a tenth of a second. Another one requests 10 missions in each tenth, and waits. How many
/// percent of these it is answered with in time, in a minute.
async fn beside_lists_of(missions: u128) -> usize {
    tokio::time::advance(Duration::from_secs(100)).await;
    let correlator = Correlator::new(256, WAIT);
    correlator.session_begins();
    let admit = |ids: &[u128], last| {
        let client = Some(IpAddr::from([203, 0, 113, last]));
        correlator.admit(Admission { client, ..admission(ids) }).ok()
    };
    let (mut next, mut queue, mut in_time) = (0, VecDeque::new(), 0);
    let mut waiting = BTreeMap::new();
    for _ in 0..600 {
        let list: Vec<_> = (next..next + missions).collect();
        let hangs_up = admit(&list, 1);
        let singles = next + missions..next + missions + 10;
        next = singles.end;
        let waiters = singles.filter_map(|n| Some((id(n), (Instant::now(), admit(&[n], 2)?))));
        waiting.extend(waiters);
        queue.extend(publish_all(&correlator).into_iter().map(|id| (id, Instant::now())));
        tokio::time::advance(Duration::from_millis(100)).await;
        drop(hangs_up);
        waiting.retain(|_, (since, _)| since.elapsed() < WAIT);
        for (id, since) in queue.drain(..20.min(queue.len())) {
            correlator.stored(vec![Mission { id, ..mission(0) }], Some(since.elapsed()));
            in_time += usize::from(waiting.remove(&id).is_some());
        }
    }
    in_time * 100 / (600 * 10)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_takes_no_more_than_its_share() {
    for missions in [1, 10, 100, 256] {
        let in_time = beside_lists_of(missions).await;
        assert!(in_time >= 90, "beside lists of {missions}: {in_time} %");
    }
}
