//! The files of `compose/watch`, made quick: what takes minutes for an operator takes seconds here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;
use serde_norway::Value as Yaml;
use tempfile::TempDir;

/// What is written in the alerts, and what a test has instead.
const QUICK: [(&str, &str); 8] = [
    ("for: 1m", "for: 1s"),
    ("[5m]", "[5s]"),
    ("[30m]", "[6s]"),
    ("[1h]", "[8s]"),
    ("[6h]", "[10s]"),
    ("[10m:15s]", "[60s:1s]"),
    ("10m", "60s"),
    ("> 30", "> 2"),
];

/// Where they are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compose/watch")
}

fn alerts() -> String {
    fs::read_to_string(folder().join("alerts.yml")).unwrap()
}

/// A folder with the configuration; each job has the one target that `target` gives for it.
pub fn configuration(target: impl Fn(&str) -> String) -> TempDir {
    let directory = TempDir::new().unwrap();
    let text = fs::read_to_string(folder().join("prometheus.yml")).unwrap();
    let mut config: Yaml = serde_norway::from_str(&text).unwrap();
    for interval in ["scrape_interval", "scrape_timeout", "evaluation_interval"] {
        config["global"][interval] = "1s".into();
    }
    for job in config["scrape_configs"].as_sequence_mut().unwrap() {
        let target = target(job["job_name"].as_str().unwrap());
        let job = job.as_mapping_mut().unwrap();
        job.remove("dns_sd_configs").unwrap();
        let fixed = serde_norway::from_str(&format!("[{{targets: ['{target}']}}]")).unwrap();
        job.insert("static_configs".into(), fixed);
    }
    let config = serde_norway::to_string(&config).unwrap();
    fs::write(directory.path().join("prometheus.yml"), config).unwrap();
    fs::write(directory.path().join("alerts.yml"), quick(&alerts())).unwrap();
    directory
}

fn quick(rules: &str) -> String {
    QUICK.iter().fold(rules.to_owned(), |rules, (slow, quick)| {
        assert!(rules.contains(slow), "the alerts have no {slow}");
        rules.replace(slow, quick)
    })
}

/// Every query of the dashboard.
pub fn queries() -> Vec<String> {
    let file = folder().join("grafana/dashboards/spymission.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    let expression = |target: &Value| target["expr"].as_str().unwrap().to_owned();
    targets.map(|target| expression(target).replace("$__rate_interval", "5s")).collect()
}

/// What the alerts look at: their selectors; and the expressions of the rules that record.
pub fn watched() -> Vec<String> {
    let selector = Regex::new(r"(spymission[a-z0-9_:]+|\bup\b)(\{[^}]*\})?").unwrap();
    let rules: Yaml = serde_norway::from_str(&quick(&alerts())).unwrap();
    let groups = rules["groups"].as_sequence().unwrap().iter();
    let rules = groups.flat_map(|group| group["rules"].as_sequence().unwrap());
    let watched = rules.flat_map(|rule| {
        let expression = rule["expr"].as_str().unwrap();
        match rule.get("record") {
            Some(_) => vec![expression.to_owned()],
            None => selector.find_iter(expression).map(|found| found.as_str().to_owned()).collect(),
        }
    });
    let watched: BTreeSet<String> = watched.collect();
    watched.into_iter().collect()
}
