//! The tests deploy as the guide says.

use std::collections::BTreeSet;
use std::fs;

use xtask::workspace::root;

use super::text;
use crate::ansible::{Images, variables_for};

const GUIDE: &str = "docs/swarm.md";
/// The beginnings of the names of all variables, one for each role.
const ROLES: [&str; 5] = ["application", "backup", "base", "docker", "swarm"];

/// The variables that the guide names, in backquotes or as `NAME=…` of a command.
fn named() -> BTreeSet<String> {
    let guide = text(GUIDE);
    let words = guide
        .split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
        .filter(|word| is_variable(word));
    words.map(str::to_owned).collect()
}

fn is_variable(word: &str) -> bool {
    word.split_once('_').is_some_and(|(role, rest)| ROLES.contains(&role) && !rest.is_empty())
}

#[test]
fn no_test_sets_a_variable_that_the_guide_does_not_name() {
    let image = || "name@sha256:0".to_owned();
    let images = Images {
        spymission: image(),
        rabbitmq: image(),
        mysql: image(),
        nginx: image(),
        prometheus: image(),
    };
    let set = variables_for(&images, "192.0.2.10:5000", "192.0.2.1", false);
    let named = named();
    let unnamed: Vec<_> =
        set.as_object().unwrap().keys().filter(|name| !named.contains(*name)).collect();
    assert!(unnamed.is_empty(), "{GUIDE} does not name {unnamed:?}");
}

/// Also what a single fact gives a playbook: `"--extra-vars", "application_log=debug"`.
#[test]
fn no_fact_gives_a_playbook_a_variable_that_the_guide_does_not_name() {
    let (named, mut found) = (named(), BTreeSet::new());
    for entry in fs::read_dir(root().join("tests/deployment/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let source = fs::read_to_string(path).unwrap();
            for quoted in source.split('"').skip(1) {
                let name = quoted.split('=').next().unwrap_or_default();
                if is_variable(name) && quoted.len() > name.len() {
                    found.insert(name.to_owned());
                }
            }
        }
    }
    assert!(found.contains("application_log"), "{found:?}");
    let unnamed: Vec<_> = found.difference(&named).collect();
    assert!(unnamed.is_empty(), "{GUIDE} does not name {unnamed:?}");
}

/// A variable that no role knows changes nothing, whoever sets it.
#[test]
fn the_guide_names_only_variables_that_exist() {
    let specifications: String = ROLES
        .iter()
        .map(|role| text(&format!("ansible/roles/{role}/meta/argument_specs.yml")))
        .collect();
    let unknown: Vec<_> = named()
        .into_iter()
        .filter(|name| !specifications.contains(&format!("      {name}:\n")))
        .collect();
    assert!(unknown.is_empty(), "no role has {unknown:?}");
}
