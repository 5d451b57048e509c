//! Passwords: read from files, and never printed.

use tempfile::TempDir;
use testkit::servers::Port;

use super::run;
use crate::process::Process;
use crate::system::{System, ask};

/// The password as it is written in an address, and the password itself.
const PASSWORD: [&str; 2] = ["fort%40knox", "fort@knox"];

fn assert_kept(said: &str) {
    for shown in PASSWORD {
        assert!(!said.contains(shown), "a password: {said}");
    }
}

#[tokio::test]
async fn a_password_in_a_wrong_setting_is_not_repeated() {
    let [secret, _] = PASSWORD;
    for (before, scheme, after) in [
        (&["worker", "number", "--broker"][..], "http", "h:5672/v"),
        (&["worker", "number", "--broker"], "amqp", "h:port/v"),
        (&["worker", "number", "--broker"], "amqp", "h:5672/%2f?heartbeat=often"),
        (&["worker", "number", "--borker"], "amqp", "h:5672/v"),
        (&["worker", "number"], "amqp", "h:5672/v"),
        (&["migrate"], "mysql", "h/d"),
        (&[], "amqp", "h:5672/v"),
        (&["migrate", "--database"], "postgres", "h/d"),
        (&["migrate", "--database"], "mysql", "h"),
        (&["migrate", "--database"], "mysql", "h:port/d"),
        (&["migrate", "--database"], "mysql", "h/d?ssl-mode=perhaps"),
        (&["up", "--listen"], "http", "h:80"),
    ] {
        let address = format!("{scheme}://bond:{secret}@{after}");
        let (code, said) = run(&[], &[before, &[&address]].concat()).await;
        assert_eq!(code, 2, "{said}");
        assert_kept(&said);
        let variable = [("SPYMISSION_BROKER", &*address), ("SPYMISSION_DATABASE", &*address)];
        let (code, said) = run(&variable, &["worker", "persister", "--help"]).await;
        assert_eq!(code, 0);
        assert_kept(&said);
    }
}

#[tokio::test]
async fn a_password_that_the_servers_refuse_is_not_in_the_logs() {
    let system = System::new().await;
    let [secret, _] = PASSWORD;
    let as_bond = |url: &str, scheme: &str| {
        let place = url.rsplit_once('@').unwrap().1;
        format!("{scheme}://bond:{secret}@{place}")
    };
    let (broker, database) = (as_bond(&system.amqp, "amqp"), as_bond(&system.mysql, "mysql"));
    let everything = ("SPYMISSION_LOG", "trace,lapin=trace,sqlx=trace");
    for (arguments, refusal) in [
        (&["migrate", "--database", &*database][..], "Access denied"),
        (&["topology", "apply", "--broker", &*broker], "ACCESS_REFUSED"),
        (&["topology", "check", "--broker", &*broker], "ACCESS_REFUSED"),
    ] {
        let (code, said) = run(&[everything], arguments).await;
        assert_eq!(code, 1);
        assert!(said.contains(refusal), "{arguments:?}: {said}");
        assert_kept(&said);
    }
    let port = Port::free().unwrap();
    let listen = format!("127.0.0.1:{}", port.number());
    for (role, database, refusal) in [
        (&["worker", "persister"][..], &database, "Access denied"),
        (&["worker", "persister"], &system.mysql, "ACCESS_REFUSED"),
        (&["gateway", "--listen", &listen], &database, "ACCESS_REFUSED"),
    ] {
        let settings = ["--broker", &broker, "--database", database];
        let mut process = Process::start_in(&[everything], &[role, &settings].concat());
        process.says(refusal).await;
        assert_eq!(process.stop().await.code(), Some(0));
        assert_kept(&process.log());
    }
}

#[tokio::test]
async fn a_secret_may_come_as_a_file() {
    let system = System::new().await;
    let directory = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let file = directory.path().join(name);
        std::fs::write(&file, format!("{text}\n")).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (broker, database) = (file("broker", &system.amqp), file("database", &system.mysql));
    let files = [("SPYMISSION_BROKER_FILE", &*broker), ("SPYMISSION_DATABASE_FILE", &*database)];
    let port = Port::free().unwrap();
    let listen = format!("127.0.0.1:{}", port.number());
    let mut up = Process::start_in(&files, &["up", "--listen", &listen, "--drain", "0"]);
    up.says("publishing requests").await;
    system.stands(&ask(&format!("http://{listen}")).await).await;
    assert_eq!(up.stop().await.code(), Some(0));
    assert!(!up.log().contains("guest"), "no user, no password: {}", up.log());
    let both = ["--broker", "memory:", "--broker-file", &broker];
    let (code, said) = run(&[], &[&["up"][..], &both].concat()).await;
    assert_eq!(code, 2);
    assert!(said.contains("--broker") && said.contains("--broker-file"), "{said}");
}
