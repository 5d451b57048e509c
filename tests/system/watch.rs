//! What Prometheus sees of a running system, and what it alerts about: with the dashboard and the
//! alerts of `compose/watch`.

mod files;
mod watched;

use std::process::Command;

use schemas::Role;
use testkit::process::find;
use testkit::servers::Prometheus;
use uuid::Uuid;

use crate::caller::Caller;
use crate::outages::{on_own_broker, on_own_database};
use crate::system::{System, eventually};
use watched::{Watched, caller};

/// Whether this machine has Prometheus; `cargo xtask test --install` installs it.
fn installed() -> bool {
    let installed = Prometheus::installed();
    if !installed {
        eprintln!("skipped: this machine has no prometheus and promtool");
    }
    installed
}

#[test]
fn promtool_finds_configuration_and_alerts_right_and_their_tests_pass() {
    if !installed() {
        return;
    }
    for arguments in [
        &["check", "config", "--syntax-only", "prometheus.yml"][..],
        &["check", "rules", "alerts.yml"],
        &["test", "rules", "alerts_test.yml"],
    ] {
        let promtool = find("promtool").unwrap();
        let ended = Command::new(promtool).args(arguments).current_dir(files::folder()).output();
        let ended = ended.unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said));
    }
}

#[tokio::test]
async fn every_query_of_the_dashboard_and_of_the_alerts_has_data_and_a_sound_system_is_calm() {
    if !installed() {
        return;
    }
    let system = System::new().await;
    let watched = Watched::start(&system, &[]).await;
    let _caller = caller(&system.gateway);
    let queries = files::queries();
    assert!(queries.len() > 30, "{}", queries.len());
    for query in queries.iter().chain(&files::watched()) {
        watched.until(&format!("data for {query}"), query).await;
    }
    watched.is_calm().await;
}

#[tokio::test]
async fn a_persister_that_is_gone_is_alerted_with_all_that_follows_until_it_is_back() {
    if !installed() {
        return;
    }
    let system = System::new().await;
    let mut watched = Watched::start(&system, &["--wait", "2"]).await;
    let _caller = caller(&system.gateway);
    watched.until("missions", "sum(spymission_missions_total{role='persister'}) > 10").await;
    watched.process(Role::Persister).kill();
    watched.fires("SpymissionNoConsumer", Some(("role", "persister"))).await;
    watched.fires("SpymissionProcessGone", Some(("job", "persister"))).await;
    watched.fires("SpymissionOldestRequest", Some(("role", "decider"))).await;
    watched.fires("SpymissionLatencyBudget", Some(("burn", "fast"))).await;
    watched.fires("SpymissionLatencyBudget", Some(("burn", "slow"))).await;
    watched.run(Role::Persister, None);
    watched.is_calm().await;
}

#[tokio::test]
async fn a_request_that_kills_its_deciders_is_alerted_as_a_dead_letter() {
    if !installed() {
        return;
    }
    let system = System::new().await;
    let mut watched = Watched::start(&system, &[]).await;
    let caller = Caller::connect(&system).await;
    let poison = Uuid::new_v4();
    let failpoint = format!("decider.before-parts={poison}");
    watched.process(Role::Decider).kill();
    watched.run(Role::Decider, Some(&failpoint));
    caller.request(&[poison]).await;
    eventually("the poison to be set aside", async || {
        if !watched.process(Role::Decider).runs() {
            watched.run(Role::Decider, Some(&failpoint));
        }
        caller.dead_letters().await.len() == 1
    })
    .await;
    watched.fires("SpymissionDeadLetters", Some(("reason", "set-aside"))).await;
}

#[tokio::test]
async fn an_alarm_of_the_broker_is_alerted_until_it_ends() {
    if !installed() {
        return;
    }
    let (rabbit, _database, system) = on_own_broker().await;
    let watched = Watched::start(&system, &["--wait", "2"]).await;
    let _caller = caller(&system.gateway);
    watched.until("missions", "sum(spymission_missions_total{role='gateway'}) > 10").await;
    rabbit.alarm(true).unwrap();
    watched.fires("SpymissionBrokerBlocked", None).await;
    watched.fires("SpymissionErrorBudget", Some(("burn", "fast"))).await;
    watched.fires("SpymissionErrorBudget", Some(("burn", "slow"))).await;
    rabbit.alarm(false).unwrap();
    watched.is_calm().await;
}

#[tokio::test]
async fn a_database_that_is_away_is_alerted_until_it_is_back() {
    if !installed() {
        return;
    }
    let (mut database, system) = on_own_database().await;
    let watched = Watched::start(&system, &["--wait", "2"]).await;
    let _caller = caller(&system.gateway);
    watched.until("missions", "sum(spymission_missions_total{role='persister'}) > 10").await;
    database.kill();
    watched.fires("SpymissionDatabaseAway", Some(("job", "persister"))).await;
    watched.fires("SpymissionDatabaseAway", Some(("job", "gateway"))).await;
    database.restart().unwrap();
    watched.is_calm().await;
}
