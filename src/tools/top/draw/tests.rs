//! Facts about what is drawn.

use schemas::operations::{DeadLetterGroup, Incident};
use schemas::topology::QUEUES;
use schemas::{CreatedAt, Quantiles, Role};

use super::*;

fn at(seconds: i64) -> CreatedAt {
    CreatedAt::from_micros(seconds * 1_000_000).unwrap()
}

/// As wide as it gets.
fn wide() -> Operations {
    let replica = |role: Role| Replica {
        instance: format!("{}.7f1b3a52-54d1-4c39-9f3e-2a63a1f0c6de", role.name()),
        version: "0.1.0".to_owned(),
        since: at(0),
        state: ReplicaState::Gone,
        why: Some("waiting for: letter; the dead letter queue is full".repeat(3)),
        silent: 599,
        rate: Some(1e9),
    };
    let spread = Some(Quantiles { p50: 9_999_999, p99: 99_999_999 });
    let role = |role| RoleState {
        role,
        rate: Some(9_999.0),
        latency: spread,
        batch: Some(Quantiles { p50: 1_024, p99: 1_024 }),
        history: Vec::new(),
        missing: 2,
        replicas: vec![replica(role); 2],
    };
    let queue = QueueState {
        name: "mission.dead-letters".to_owned(),
        exchange: "mission.dead-letters".to_owned(),
        messages: Some(100_000),
        consumers: Some(10_000),
        most: Some(100_000),
        rate: Some(9_999.0),
        history: (0..60).collect(),
    };
    let long = "No persister for 14 s. 37 requests wait; none is lost. ".repeat(4);
    let next = Some("spymission check --database …".to_owned());
    let verdict = Finding { level: Level::Act, text: long.clone(), next };
    let group = DeadLetterGroup {
        reason: long.clone(),
        role: "decider".to_owned(),
        open: 100_000,
        first_at: at(15_002),
        last_at: at(15_019),
        example: uuid::Uuid::nil().into(),
    };
    let incidents = vec![Incident { text: long, from: at(15_002), until: Some(at(15_019)) }; 9];
    Operations {
        at: at(15_020),
        hears: true,
        notes: vec![verdict.clone()],
        verdict,
        roles: Role::ALL.map(role).into(),
        queues: vec![queue],
        dead_letters: Some(vec![group; 9]),
        incidents,
        drills: None,
    }
}

#[test]
fn nothing_is_wider_than_a_terminal() {
    let drawn = draw(&wide());
    for line in drawn.lines() {
        assert!(line.chars().count() <= WIDTH, "{line}");
    }
    assert!(drawn.contains("Next: spymission check --database …"), "{drawn}");
    assert!(drawn.contains("04:10:02 to 04:10:19"), "{drawn}");
    assert!(drawn.lines().count() < 50, "{drawn}");
}

#[test]
fn what_others_wrote_cannot_command_the_terminal() {
    let mut state = wide();
    state.verdict.text.insert_str(0, "\x1bc");
    state.incidents.iter_mut().for_each(|incident| incident.text.insert(0, '\x1b'));
    let groups = state.dead_letters.iter_mut().flatten();
    groups.for_each(|group| group.reason.insert_str(0, "\x1b[J"));
    let replicas = state.roles.iter_mut().flat_map(|role| &mut role.replicas);
    replicas.for_each(|replica| replica.instance.insert(0, '\x1b'));
    assert!(!draw(&state).contains('\x1b'));
}

#[test]
fn what_is_well_needs_few_lines() {
    let well = Finding { level: Level::Well, text: "All well.".to_owned(), next: None };
    let state = Operations {
        verdict: well,
        notes: Vec::new(),
        roles: Vec::new(),
        queues: Vec::new(),
        dead_letters: Some(Vec::new()),
        incidents: Vec::new(),
        ..wide()
    };
    let drawn = draw(&state);
    assert!(drawn.starts_with("All well.\nas of 04:10:20\n"), "{drawn}");
    assert!(!drawn.contains("INCIDENTS"), "{drawn}");
}

const DOCUMENT: &str = include_str!("../../../../docs/operations.md");

/// The lines of `spymission top` in the document.
fn documented() -> Vec<&'static str> {
    let after = DOCUMENT.split_once("$ spymission top").unwrap().1;
    after.split_once("```").unwrap().0.lines().skip(1).collect()
}

#[test]
fn the_example_in_the_document_is_drawn_as_today() {
    let (drawn, shown) = (draw(&wide()), documented());
    assert!(shown.iter().all(|line| line.chars().count() <= WIDTH), "{shown:?}");
    let headings: Vec<_> = drawn.lines().filter(|line| line.starts_with(['R', 'Q'])).collect();
    let tables: Vec<_> = shown.split(|line| line.is_empty()).skip(1).collect();
    assert_eq!([tables[0][0], tables[1][0]], headings[..]);
    let titles = Role::ALL.map(Role::title);
    let roles: Vec<_> = tables[0][1..].iter().map(|line| line[..16].trim_end()).collect();
    assert_eq!(roles, titles);
    let queues: Vec<_> = tables[1][1..].iter().map(|line| line.split_whitespace().next()).collect();
    assert_eq!(queues, QUEUES.map(|queue| Some(queue.name)));
}
