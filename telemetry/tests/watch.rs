//! The files of `compose/watch` and the documentation have what is declared, and nothing else.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has nothing better to do than to say so and end"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use schemas::Role;
use serde_norway::Value;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_norway::from_str(&file(path)).unwrap()
}

/// The rules that alert, or that record.
fn rules(kind: &str) -> Vec<Value> {
    let rules = yaml("compose/watch/alerts.yml");
    let groups = rules["groups"].as_sequence().unwrap().iter();
    let rules = groups.flat_map(|group| group["rules"].as_sequence().unwrap());
    rules.filter(|rule| rule.get(kind).is_some()).cloned().collect()
}

fn alerts() -> BTreeSet<String> {
    rules("alert").iter().map(|rule| rule["alert"].as_str().unwrap().to_owned()).collect()
}

/// Words that may be the name of a series: those of this system have one of these beginnings.
fn series(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    let ours =
        ["spymission_", "http_server_", "messaging_client_", "messaging_process_", "db_client_"];
    words.filter(|word| ours.iter().any(|start| word.starts_with(start))).collect()
}

#[test]
fn each_alert_has_a_section_that_begins_with_the_command_to_type() {
    let guide = file("docs/operations.md");
    for rule in rules("alert") {
        let alert = rule["alert"].as_str().unwrap();
        let anchor = format!("docs/operations.md#{}", alert.to_lowercase());
        assert_eq!(rule["annotations"]["runbook"].as_str(), Some(&*anchor), "{alert}");
        let section = guide.split_once(&format!("\n#### {alert}\n\n"));
        let (_, section) = section.unwrap_or_else(|| panic!("no section about {alert}"));
        assert!(section.starts_with("```console\n$ "), "{alert}: no command at the beginning");
    }
}

#[test]
fn each_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() {
    let tests = yaml("compose/watch/alerts_test.yml");
    let tests = tests["tests"].as_sequence().unwrap().iter();
    let cases: Vec<_> =
        tests.flat_map(|test| test["alert_rule_test"].as_sequence().unwrap()).collect();
    for alert in alerts() {
        let of_it = cases.iter().filter(|case| case["alertname"].as_str() == Some(&alert));
        let fires: BTreeSet<bool> =
            of_it.map(|case| !case["exp_alerts"].as_sequence().unwrap().is_empty()).collect();
        assert_eq!(fires.len(), 2, "{alert}");
    }
}

#[test]
fn alerts_and_dashboard_use_series_that_are_declared_and_the_dashboard_shows_every_metric() {
    let declared: BTreeSet<String> = telemetry::families().flat_map(|f| f.series()).collect();
    let alerts = file("compose/watch/alerts.yml");
    let dashboard = file("compose/watch/grafana/dashboards/spymission.json");
    for name in series(&alerts).into_iter().chain(series(&dashboard)) {
        let label = ["http_route", "messaging_destination_name", "db_operation_name"];
        assert!(declared.contains(name) || label.contains(&name), "{name} is not declared");
    }
    let shown = series(&dashboard);
    for family in telemetry::families() {
        let is_shown = family.series().iter().any(|name| shown.contains(&**name));
        assert!(is_shown, "the dashboard does not show {}", family.name());
    }
}

#[test]
fn prometheus_asks_every_role_and_misses_each_that_takes_no_work() {
    let config = yaml("compose/watch/prometheus.yml");
    let jobs = config["scrape_configs"].as_sequence().unwrap().iter();
    let jobs: BTreeSet<_> = jobs.map(|job| job["job_name"].as_str().unwrap()).collect();
    let roles: BTreeSet<_> = Role::ALL.map(Role::name).into();
    assert_eq!(jobs, roles);
    let rules = rules("alert");
    let missing = rules.iter().find(|rule| rule["alert"].as_str() == Some("SpymissionNoConsumer"));
    let expression = missing.unwrap()["expr"].as_str().unwrap();
    for role in roles {
        let absent = format!(r#"absent(spymission_session_connected{{role="{role}"}})"#);
        assert!(expression.contains(&absent), "{role}");
    }
}

#[test]
fn the_page_of_metrics_is_what_is_declared() {
    let (written, declared) = (file("docs/metrics.md"), telemetry::page());
    testkit::drift::assert_same(
        "docs/metrics.md",
        &declared,
        &written,
        "run `cargo xtask generate`",
    );
}
