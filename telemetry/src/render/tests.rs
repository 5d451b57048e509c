//! What the text of all metrics has.

use std::collections::HashSet;
use std::time::Duration;

use schemas::{Part, ProblemKind};

use super::*;
use crate::{Destination, Method, Outcome, Route, Status, Why};

/// The line of a series, without its value.
fn has(text: &str, series: &str) -> bool {
    text.lines().any(|line| line.rsplit_once(' ').is_some_and(|(name, _)| name == series))
}

#[test]
fn what_was_recorded_is_in_the_text_and_roles_that_never_ran_are_not() {
    let number = crate::of(Role::Part(Part::Number));
    number.sessions.one();
    number.batch.record(3);
    number.replies_dropped.of(Why::Late).one();
    let process = crate::process();
    process.sent.of(Destination::exchange("mission.requests"), Outcome::Confirmed).add(2);
    let took = Duration::from_millis(3);
    process.http.of(Method::Post, Route::Missions, Status::of(201)).record(took);
    let text = render();
    for series in [
        r#"spymission_sessions_total{role="number"}"#,
        r#"spymission_batch_missions_bucket{le="4.0",role="number"}"#,
        r#"spymission_replies_dropped_total{role="number",reason="late"}"#,
        r#"messaging_client_sent_messages_total{messaging_destination_name="mission.requests",outcome="confirmed"}"#,
        r#"http_server_request_duration_seconds_count{http_request_method="POST",http_route="/missions",http_response_status_code="201"}"#,
        r#"spymission_broker_blocked_connections"#,
        r#"spymission_dead_letters_total{reason="set-aside"}"#,
    ] {
        assert!(has(&text, series), "{series} is not in\n{text}");
    }
    assert!(!text.contains(r#"role="letter""#), "it never ran here");
    assert!(text.ends_with("# EOF\n"));
    assert!(ProblemKind::ALL.iter().all(|kind| text.contains(kind.word())), "from the beginning");
}

#[test]
fn every_metric_has_a_name_of_its_own_and_a_sentence() {
    let mut names = HashSet::new();
    for family in families() {
        assert!(names.insert(family.name()), "{}", family.name());
        let ours = ["spymission_", "http_", "messaging_", "db_"];
        assert!(ours.iter().any(|prefix| family.stem.starts_with(prefix)), "{}", family.stem);
        assert!(family.help().ends_with('.') && !family.help().contains(['"', '\\', '\n']));
        assert!(!family.stem.ends_with("_total") && !family.stem.ends_with("_seconds"));
    }
}

#[test]
fn each_metric_is_described_once_and_stands_in_one_piece() {
    crate::of(Role::Gateway).sessions.one();
    let text = render();
    for family in families() {
        let kind = format!("# TYPE {} {}\n", family.name(), family.kind.name());
        assert_eq!(text.matches(&kind).count(), 1, "{kind}");
    }
}
