//! A reply says who has worked on it.

use std::collections::HashSet;
use std::sync::Arc;

use bus::{Consumer, CopyTo, Envelope};
use schemas::topology::{REQUESTS, part_queue};
use schemas::{MessageType, MissionId, MissionIds, Part, Request, Role, Stamps};
use tokio::time::timeout;

use crate::system::{Rows, SOON, System, ids, within};

const ADDRESS: &str = "reply.test.1";

/// Requests so many missions, and gives where the reply comes.
async fn request<const N: usize>(system: &System, missions: [MissionId; N]) -> Consumer {
    let replies = system.link.consume_own(ADDRESS, 1).await.unwrap();
    let missions = MissionIds::try_from(missions.to_vec()).unwrap();
    let body = serde_json::to_vec(&Request { missions }).unwrap();
    let envelope = Envelope { reply_to: Some(ADDRESS.to_owned()), ..Envelope::default() };
    system.durable.publish(REQUESTS, &envelope, &body).await.unwrap();
    replies
}

async fn reply(replies: &mut Consumer) -> Envelope {
    timeout(60 * SOON, replies.next()).await.unwrap().unwrap().unwrap().envelope
}

async fn stamps(replies: &mut Consumer) -> Stamps {
    reply(replies).await.stamps
}

/// The roles that have stamped the error reply about this mission, in the order of their names.
async fn stamped(system: &System, mission: MissionId) -> Vec<Role> {
    let reply = reply(&mut request(system, [mission]).await).await;
    assert_eq!(reply.kind, Some(MessageType::Problem));
    let mut roles: Vec<_> = reply.stamps.as_slice().iter().map(|stamp| stamp.role).collect();
    assert_eq!(roles.first(), Some(&Role::Decider), "{}", reply.stamps);
    roles.sort_unstable();
    roles
}

#[tokio::test(start_paused = true)]
async fn a_reply_has_one_stamp_of_each_process_that_worked_on_it_however_many_missions_it_lists() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    let stamps = stamps(&mut request(&system, ids::<3>()).await).await;
    let mut of_roles: Vec<_> = stamps.as_slice().iter().map(|stamp| stamp.role).collect();
    assert_eq!((of_roles.first(), of_roles.last()), (Some(&Role::Decider), Some(&Role::Persister)));
    of_roles.sort_unstable();
    assert_eq!(of_roles, Role::all_but(&[Role::Gateway]), "{stamps}");
    assert!(stamps.as_slice().iter().all(|stamp| stamp.attempt == 1), "{stamps}");
}

#[tokio::test(start_paused = true)]
async fn a_stamp_tells_which_attempt_was_answered() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _persister = system.persister(&rows);
    let _others = system.workers_but(Part::Letter);
    // It takes the first question and never answers.
    let mut frozen = system.link.consume(part_queue(Part::Letter), 1).await.unwrap();
    let _decider = system.decider();
    let mut replies = request(&system, ids::<3>()).await;
    timeout(SOON, frozen.next()).await.unwrap().unwrap();
    let _letters = system.worker(Part::Letter);
    let stamps = stamps(&mut replies).await;
    let attempt =
        |role| stamps.as_slice().iter().find(|stamp| stamp.role == role).map(|stamp| stamp.attempt);
    assert_eq!(attempt(Role::Part(Part::Number)), Some(1), "{stamps}");
    assert_eq!(attempt(Role::Part(Part::Letter)), Some(2), "{stamps}");
}

#[tokio::test(start_paused = true)]
async fn an_error_reply_has_the_stamps_of_those_who_answered() {
    let [refused, poison] = ids();
    let mut rows = Rows::refusing(&[refused]);
    rows.poison = Arc::new(HashSet::from([poison]));
    let system = System::new().await;
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    assert_eq!(stamped(&system, refused).await, Role::all_but(&[Role::Gateway]));
    // Whoever does not survive it has not answered.
    let answered = Role::all_but(&[Role::Gateway, Role::Persister]);
    assert_eq!(stamped(&system, poison).await, answered);
}

#[tokio::test(start_paused = true)]
async fn a_process_of_ours_has_one_reply_and_it_is_the_persisters() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    let deciding = system.decider();
    let mut replies = request(&system, ids::<3>()).await;
    let reply = reply(&mut replies).await;
    assert_eq!((reply.kind, reply.app_id.as_deref()), (Some(MessageType::Missions), Some("p-1")));
    assert!(reply.copy_to.is_some(), "{reply:?}");
    system.stop.cancel();
    timeout(SOON, deciding).await.unwrap().unwrap(); // it has settled what it held
    assert!(replies.ready().unwrap().is_none(), "a second reply");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_names_a_copy_itself_gets_none() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    let other = "reply.other.1";
    let mut others = system.link.consume_own(other, 1).await.unwrap();
    let [id] = ids();
    let copy_to = Some(CopyTo { address: other.to_owned(), correlation_id: None });
    let envelope = Envelope { message_id: Some(id.to_string()), copy_to, ..Envelope::default() };
    system.durable.publish(REQUESTS, &envelope, b"{}").await.unwrap();
    within(SOON, "its row", || rows.has(id)).await;
    let _after_it = reply(&mut request(&system, ids::<1>()).await).await;
    assert!(others.ready().unwrap().is_none());
}
