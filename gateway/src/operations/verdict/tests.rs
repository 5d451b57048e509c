//! Situations, and what is said about them.

use schemas::Part;

use super::words::findings;
use super::*;

const LETTER: Role = Role::Part(Part::Letter);

fn replica(role: Role, state: ReplicaState) -> Replica {
    Replica {
        instance: format!("{}.1", role.name()),
        version: "0.1.0".to_owned(),
        since: CreatedAt::from_micros(0).unwrap(),
        state,
        why: None,
        silent: if state.is_present() { 0 } else { 14 },
        rate: None,
    }
}

/// One process of each role, which is up.
fn well() -> Facts {
    let role = |role| RoleState {
        role,
        rate: None,
        latency: None,
        batch: None,
        history: Vec::new(),
        missing: 0,
        replicas: vec![replica(role, ReplicaState::Up)],
    };
    let roles = Role::ALL.map(role).into();
    Facts { listening: 100, roles, ..Facts::default() }
}

impl Facts {
    fn with(mut self, role: Role, change: impl Fn(&mut RoleState)) -> Self {
        self.roles.iter_mut().filter(|state| state.role == role).for_each(change);
        self
    }

    fn with_queue(mut self, name: &str, messages: u64, consumers: u64) -> Self {
        self.queues.push(QueueState {
            name: name.to_owned(),
            exchange: name.to_owned(),
            messages: Some(messages),
            consumers: Some(consumers),
            most: Some(10_000),
            rate: None,
            history: Vec::new(),
        });
        self
    }
}

fn in_state(state: ReplicaState, why: &'static str) -> impl Fn(&mut RoleState) {
    move |role| {
        role.replicas = vec![Replica { why: Some(why.to_owned()), ..replica(role.role, state) }];
    }
}

#[test]
fn each_situation_has_its_sentence_and_the_next_command() {
    let waiting = |n| Facts { waiting: n, ..well() };
    let nobody = |role: &mut RoleState| role.replicas.clear();
    for (facts, level, text, next) in [
        (well(), Level::Well, "All well.", None),
        (
            waiting(37).with(Role::Persister, in_state(ReplicaState::Gone, "")),
            Level::Act,
            "No persister for 14 s. 37 requests wait; none is lost.",
            Some("spymission check --database …"),
        ),
        (
            waiting(1).with(LETTER, nobody),
            Level::Act,
            "No letter worker for 100 s, since this gateway listens. 1 request waits; it is not lost.",
            Some("spymission worker letter --broker …"),
        ),
        (
            Facts { broker: Some(("connect: refused".to_owned(), 7)), ..well() },
            Level::Act,
            "The broker has been away for 7 s (connect: refused). New callers are told 503; what it \
             has confirmed is kept.",
            Some("spymission check --broker …"),
        ),
        (
            Facts { database: Some("away"), ..waiting(0) },
            Level::Act,
            "The database cannot be used (away). No request waits.",
            Some("spymission check --database …"),
        ),
        (
            waiting(2).with(Role::Decider, in_state(ReplicaState::Waiting, "connect: refused")),
            Level::Act,
            "The decider waits: connect: refused. 2 requests wait; none is lost.",
            Some("spymission check --broker …"),
        ),
        (
            well().with(Role::Decider, in_state(ReplicaState::Degraded, "waiting for: letter")),
            Level::Note,
            "A decider goes on, but something is missing: waiting for: letter.",
            None,
        ),
        (
            well().with_queue("mission.requests", 8_000, 1),
            Level::Act,
            "`mission.requests` holds 8000 of 10000 messages; a full queue takes no more.",
            None,
        ),
        (
            well().with(Role::Decider, |role| role.missing = 1),
            Level::Note,
            "1 decider is gone without a word; 1 is left.",
            None,
        ),
        (
            Facts { dead_letters: DeadLetters::Open(1), ..well() },
            Level::Note,
            "1 dead letter waits for a decision.",
            Some("spymission dead-letters list --groups"),
        ),
        (
            Facts { dead_letters: DeadLetters::Unread, ..well() },
            Level::Note,
            "The table of dead letters cannot be read: some may wait for a decision.",
            Some("spymission check --database …"),
        ),
        (
            well().with(LETTER, |role| role.replicas[0].version = "0.2.0".to_owned()),
            Level::Note,
            "Several versions run: 0.1.0 and 0.2.0.",
            None,
        ),
        (
            well().with(Role::Decider, nobody).with_queue("mission.requests", 0, 2),
            Level::Note,
            "Somebody consumes the queue of the decider, and says no status. Its user may lack the \
             right to write to `mission.events`, or its version is older.",
            Some("spymission check --broker …"),
        ),
        (
            Facts { listening: 3, ..well() }.with(LETTER, nobody),
            Level::Note,
            "This gateway has listened for 3 s. Who is silent for 10 s is missing.",
            None,
        ),
    ] {
        let (verdict, notes) = findings(&facts);
        let said = (verdict.level, verdict.text.as_str(), verdict.next.as_deref());
        assert_eq!(said, (level, text, next));
        assert!(notes.is_empty(), "{text}: {notes:?}");
    }
}

#[test]
fn the_worst_comes_first_and_the_rest_are_notes() {
    let facts = well()
        .with(LETTER, |role| role.missing = 1)
        .with(Role::Persister, in_state(ReplicaState::Left, ""));
    let (verdict, notes) = findings(&facts);
    assert_eq!(verdict.text, "No persister for 14 s. No request waits.");
    assert_eq!(notes.len(), 1);
    assert!(notes[0].text.starts_with("1 letter worker is gone"), "{notes:?}");
}

#[test]
fn a_process_that_has_just_started_may_wait() {
    let started = |seconds: i64| Facts {
        now: CreatedAt::from_micros(seconds * 1_000_000),
        ..well().with(Role::Persister, in_state(ReplicaState::Waiting, "starting"))
    };
    assert_eq!(findings(&started(9)).0.level, Level::Well);
    assert_eq!(findings(&started(10)).0.level, Level::Act);
}

#[test]
fn a_process_that_stops_in_good_order_is_no_news_while_another_one_is_there() {
    let facts = well().with(Role::Decider, |role| {
        role.replicas.push(replica(Role::Decider, ReplicaState::Stopping));
        role.replicas.push(replica(Role::Decider, ReplicaState::Left));
    });
    assert_eq!(findings(&facts).0.level, Level::Well);
}

#[test]
fn what_is_not_seen_is_not_known_to_be_over() {
    let away = Facts { broker: Some(("connect: refused".to_owned(), 0)), ..well() };
    assert!(!away.knows("no persister") && away.knows("broker away"));
    assert!(well().knows("no persister"));
    let full = "mission.requests nearly full";
    assert!(!well().knows(full), "nobody has looked");
    assert!(well().with_queue("mission.requests", 0, 1).knows(full));
}

#[test]
fn a_role_that_was_never_heard_is_one_incident_whether_or_not_the_queues_are_looked_at() {
    let silent = || well().with(Role::Decider, |role| role.replicas.clear());
    let consumed = silent().with_queue("mission.requests", 0, 1);
    let [unseen, seen] = [silent(), consumed].map(|facts| situations(&facts));
    assert_ne!(unseen, seen);
    for situations in [unseen, seen] {
        let recorded = situations.iter().filter(|situation| situation.is_recorded());
        let names: Vec<_> = recorded.map(Situation::name).collect();
        assert_eq!(names, ["no status of any decider"]);
    }
}
