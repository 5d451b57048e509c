//! What a new user sees in a terminal.

use std::process::Command;

use tempfile::TempDir;
use testkit::servers::Port;

use crate::process::Process;
use crate::system::Embedded;

#[tokio::test]
async fn a_first_start_says_when_it_is_ready_and_where_to_look() {
    let system = Embedded::start().await;
    system.process.says("Stop:               Ctrl-C").await;
    let log = system.process.log();
    let ready = log.lines().find(|line| line.starts_with("ready in ")).unwrap();
    assert!(ready.ends_with(&format!(" ms · open {}", system.gateway)), "{ready}");
    assert!(log.contains("Request a mission:  curl"), "{log}");
}

#[tokio::test]
async fn while_the_broker_is_away_nobody_is_invited_to_request_missions() {
    let (directory, port) = (TempDir::new().unwrap(), Port::free().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
    let broker = format!("amqp://guest:guest@127.0.0.1:{}/%2f", port.number());
    command.args(["up", "--listen", "127.0.0.1:0", "--broker", &broker]);
    let process = Process::spawn({
        command.current_dir(directory.path());
        command
    });
    process.says("waiting for the broker").await;
    let log = process.log();
    assert!(log.contains("listens on"), "{log}");
    assert!(!log.contains("Request a mission") && !log.contains("ready in"), "{log}");
}

#[tokio::test]
async fn a_list_in_which_nothing_is_found_says_so_beside_it() {
    let system = Embedded::start().await;
    let list = ["missions", "list", "--database", &system.database];
    for (more, told) in [
        (&[][..], "no mission is stored yet"),
        (&["--objective", "Follow"], "no stored mission is as the filters say"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
        let ended = command.args(list).args(more).output().unwrap();
        assert!(ended.status.success() && ended.stdout.is_empty(), "{ended:?}");
        assert_eq!(String::from_utf8_lossy(&ended.stderr).trim(), told);
    }
}

#[tokio::test]
async fn a_request_without_an_address_finds_the_gateway_of_this_machine() {
    let system = Embedded::start().await;
    let listen = system.gateway.strip_prefix("http://").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
    let ended = command.arg("request").env("SPYMISSION_LISTEN", listen);
    let ended =
        ended.env_remove("SPYMISSION_BROKER").env_remove("SPYMISSION_URL").output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(String::from_utf8_lossy(&ended.stdout).lines().count(), 1);
}
