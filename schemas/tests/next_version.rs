//! Our processes can read messages that a newer version wrote.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so and ends")]

use schemas::parts::Gathered;
use schemas::{
    Casebook, CreatedAt, Decisions, Dossier, MessageType, Mission, MissionIds, Missions, Part,
    Problem, ProblemKind, Request, Role, Status,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const ID: &str = "019abc00-1111-7222-8333-444455556600";

/// A message of the next version: every object has one more member.
fn of_next_version(message: &impl Serialize) -> Value {
    fn extend(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(extend);
                members.insert("new in the next version".to_owned(), json!({ "member": [1] }));
            }
            Value::Array(items) => items.iter_mut().for_each(extend),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(message).unwrap();
    extend(&mut value);
    value
}

/// Reads a message of the next version. Nothing is lost that this version knows.
fn reads<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: &T) {
    let body = of_next_version(message).to_string();
    let read = serde_json::from_str::<T>(&body);
    assert_eq!(read.as_ref().ok(), Some(message), "{read:?} of {body}");
}

fn mission() -> Mission {
    let dossier: Dossier = "19 z 4 a 7 k 0 b 12 q 3 m".parse().unwrap();
    let malory = Casebook::malory().unwrap();
    let decision = malory.decide(ID.parse().unwrap(), &dossier.with_example_parts());
    decision.stored(CreatedAt::from_micros(1_795_353_891_123_456).unwrap())
}

#[test]
fn every_type_of_message_of_the_next_version_is_read() {
    let missions = Missions { missions: vec![mission()] };
    for each in MessageType::ALL {
        match each {
            MessageType::Part(part) => reads_part(part),
            MessageType::Stored | MessageType::Missions | MessageType::Created => reads(&missions),
            MessageType::Problem | MessageType::Returned => {
                let problem = Problem::new(ProblemKind::Invalid, "`count` is 257");
                reads(&problem.about([ID.parse().unwrap()]));
            }
            MessageType::Status => {
                let since = CreatedAt::from_micros(1_795_353_891_123_456).unwrap();
                reads(&Status::new(Role::Decider, "decider.1", since));
            }
        }
    }
}

fn reads_part(part: Part) {
    let body = of_next_version(&part.sample()).to_string();
    Gathered::of(1).take(part, body.as_bytes()).unwrap();
}

#[test]
fn questions_of_a_decider_of_the_next_version_are_read() {
    reads(&Request { missions: MissionIds::one(ID.parse().unwrap()) });
    let Mission { id, dossier, .. } = mission();
    let decision = Casebook::malory().unwrap().decide(id, &dossier.with_example_parts());
    reads(&Decisions { missions: vec![decision] });
}

#[test]
fn a_type_of_problem_of_the_next_version_is_read_by_its_status() {
    for (status, kind) in [
        (422, ProblemKind::Invalid),
        (418, ProblemKind::Malformed),
        (503, ProblemKind::Unavailable),
        (599, ProblemKind::Internal),
    ] {
        let body = json!({ "type": "/problems/bad-weather", "title": "Bad weather",
            "status": status, "detail": "wait for the sun", "missions": [ID] });
        let problem: Problem = serde_json::from_value(body).unwrap();
        assert_eq!((problem.kind(), problem.detail()), (kind, "wait for the sun"));
        assert_eq!(problem.missions().len(), 1);
    }
}

#[test]
fn a_request_from_a_caller_stays_strict() {
    let body = of_next_version(&json!({ "missions": [ID] })).to_string();
    let refused = Request::parse(body.as_bytes(), None).unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::Invalid);
    assert!(refused.detail().contains("new in the next version"), "{refused}");
}
