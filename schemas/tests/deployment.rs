//! The files of the deployment have every role, and no other.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so and ends"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use schemas::Role;
use schemas::grants::DatabaseLogin;
use serde_norway::Value;

fn text(file: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn yaml(file: &str) -> Value {
    let mut value: Value = serde_norway::from_str(&text(file)).unwrap();
    value.apply_merge().unwrap();
    value
}

/// All texts in this value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Sequence(items) => items.iter().flat_map(texts).collect(),
        Value::Mapping(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap().to_owned()).collect()
}

/// The secrets of a role: its user of the broker, and of the database if it needs one.
fn secrets(role: Role) -> Vec<String> {
    let database = role.duties().database.then(|| format!("database-{}", role.name()));
    [format!("broker-{}", role.name())].into_iter().chain(database).collect()
}

/// What is missing or superfluous in a file, as lines to read.
fn differences(file: &str) -> Vec<String> {
    let (described, mut wrong) = (yaml(file), Vec::new());
    let services = &described["services"];
    let mut declared = keys(&described["secrets"]);
    for role in Role::ALL {
        let (name, service) = (role.name(), &services[role.name()]);
        if service.is_null() {
            wrong.push(format!("{file}: the service `{name}` is missing"));
            continue;
        }
        if texts(&service["command"]) != role.command() {
            wrong.push(format!("{file}: `{name}` must run {:?}", role.command()));
        }
        for secret in secrets(role) {
            if !texts(&service["secrets"]).contains(&secret) {
                wrong.push(format!("{file}: the service `{name}` lacks the secret `{secret}`"));
            }
            if !declared.remove(&secret) {
                wrong.push(format!("{file}: the secret `{secret}` is missing"));
            }
        }
    }
    let others = ["operator", "migrate", "prune"].map(|other| format!("-{other}"));
    let left =
        declared.iter().filter(|name| name.starts_with("broker-") || name.starts_with("database-"));
    let left = left.filter(|name| !others.iter().any(|other| name.ends_with(other)));
    wrong.extend(left.map(|name| format!("{file}: the secret `{name}` is of no role")));
    wrong
}

#[test]
fn every_role_is_a_service_with_its_secrets_in_compose_and_on_a_swarm() {
    let wrong: Vec<_> =
        ["compose/compose.yaml", "compose/stack.yaml"].into_iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn compose_waits_for_every_role_and_gives_each_a_user_of_the_broker() {
    let described = yaml("compose/compose.yaml");
    let (probe, users) = (&described["services"]["probe"], &described["services"]["definitions"]);
    let awaited = keys(&probe["depends_on"]);
    let (commands, mounted) = (texts(&users["command"]), texts(&users["secrets"]));
    for name in Role::ALL.map(Role::name) {
        assert!(awaited.contains(name), "the probe in compose.yaml does not wait for `{name}`");
        let user = format!("--user={name}=/run/secrets/broker-{name}");
        assert!(commands.contains(&user), "`definitions` in compose.yaml lacks {user}");
        let secret = format!("broker-{name}");
        assert!(mounted.contains(&secret), "`definitions` in compose.yaml lacks {secret}");
    }
}

#[test]
fn the_users_of_the_database_have_what_is_declared() {
    let (written, declared) = (text("compose/mysql/grants"), schemas::grants::grants());
    assert!(written == declared, "compose/mysql/grants: run `cargo xtask generate`");
}

#[test]
fn every_login_of_the_database_is_a_secret_that_the_database_reads() {
    for file in ["compose/compose.yaml", "compose/stack.yaml"] {
        let described = yaml(file);
        let declared = keys(&described["secrets"]);
        let declared: BTreeSet<_> =
            declared.into_iter().filter(|n| n.starts_with("database-")).collect();
        let mounted: BTreeSet<_> =
            texts(&described["services"]["mysql"]["secrets"]).into_iter().collect();
        let logins: BTreeSet<_> =
            DatabaseLogin::all().iter().map(|login| format!("database-{}", login.name())).collect();
        assert_eq!(declared, logins, "{file}");
        assert!(mounted.is_superset(&logins), "{file}: mysql lacks one of {logins:?}");
    }
}

#[test]
fn the_replicas_of_ansible_are_those_of_roles() {
    let defaults = yaml("ansible/roles/application/defaults/main.yml");
    for name in keys(&defaults["application_replicas"]) {
        assert!(Role::parse(&name).is_some(), "`{name}` in application_replicas is no role");
    }
    let stack = text("compose/stack.yaml");
    for name in Role::ALL.map(|role| role.name().to_uppercase()) {
        // The names that Ansible sets, from the secrets in the stack.
        let replicas = format!("${{SPYMISSION_{name}S:-");
        assert!(stack.contains(&replicas), "compose/stack.yaml lacks `replicas: {replicas}3}}`");
    }
}
