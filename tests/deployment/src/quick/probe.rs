//! After a deployment the site is asked by its name, and its certificate is checked.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use schemas::CallerRequest;
use tempfile::TempDir;
use testkit::process::poll;
use testkit::servers::Port;
use xtask::workspace::root;

use super::text;
use crate::machines::SITE;

const PROBE: &str = "ansible/roles/application/files/probe.sh";
/// The name of its request; the same for all time.
const KEY: &str = "spymission-probe";

/// As on the manager: the script beside the folder of secrets.
fn deployed() -> TempDir {
    let folder = TempDir::new().unwrap();
    let secrets = folder.path().join("secrets");
    let made = Command::new(root().join("compose/secrets.sh")).arg(&secrets).arg(SITE).output();
    assert!(made.unwrap().status.success());
    fs::copy(root().join(PROBE), folder.path().join("probe")).unwrap();
    folder
}

/// A server with this certificate.
fn serve(secrets: &Path, port: &Port) -> Child {
    let mut server = Command::new("openssl");
    server.args(["s_server", "-quiet", "-accept", &port.number().to_string()]);
    server.arg("-cert").arg(secrets.join("nginx.pem")).arg("-key").arg(secrets.join("nginx.key"));
    server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let server = server.spawn().unwrap();
    let greets = || TcpStream::connect(("127.0.0.1", port.number())).ok();
    poll(Duration::from_secs(10), greets).unwrap();
    server
}

/// Asks the server for a mission by this name. It answers with this status. Returns how that ended, and the
/// header with the key.
fn ask(folder: &Path, site: &str, status: &'static str) -> (Output, Option<String>) {
    let port = Port::free().unwrap();
    let mut server = serve(&folder.join("secrets"), &port);
    let mut probe = Command::new("sh");
    probe.arg(folder.join("probe")).args([site, "127.0.0.1", &port.number().to_string()]);
    let probe = probe.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut answer = server.stdin.take().unwrap();
    let heard = BufReader::new(server.stdout.take().unwrap());
    let listening = std::thread::spawn(move || {
        let mut key = None;
        for line in heard.lines().map_while(Result::ok) {
            if line.starts_with("Idempotency-Key: ") || line.starts_with("idempotency-key: ") {
                key = line.split_once(": ").map(|(_, key)| key.trim().to_owned());
                let mission = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}");
                answer.write_all(mission.as_bytes()).unwrap();
                answer.flush().unwrap();
            }
        }
        key
    });
    let ended = probe.wait_with_output().unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    (ended, listening.join().unwrap())
}

#[test]
fn a_machine_is_asked_by_the_name_of_its_certificate_and_always_by_the_same_key() {
    let folder = deployed();
    let (ended, key) = ask(folder.path(), SITE, "201 Created");
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(key.as_deref(), Some(KEY));
}

#[test]
fn a_mission_that_is_only_promised_is_not_enough() {
    let folder = deployed();
    let (ended, key) = ask(folder.path(), SITE, "202 Accepted");
    assert!(!ended.status.success(), "{ended:?}");
    assert_eq!(key.as_deref(), Some(KEY));
}

#[test]
fn a_certificate_for_another_name_or_of_a_stranger_is_refused() {
    let folder = deployed();
    let (ended, key) = ask(folder.path(), "elsewhere.example.org", "201 Created");
    assert!(!ended.status.success() && key.is_none(), "{ended:?}");
    let stranger = deployed();
    let ours = stranger.path().join("secrets/ca.pem");
    fs::copy(ours, folder.path().join("secrets/ca.pem")).unwrap();
    let (ended, key) = ask(folder.path(), SITE, "201 Created");
    assert!(!ended.status.success() && key.is_none(), "{ended:?}");
}

#[test]
fn the_playbook_and_compose_ask_for_the_same_mission() {
    let settle = text("ansible/roles/application/tasks/settle.yml");
    assert!(settle.contains("/probe\", \"{{ application_site }}\""), "{settle}");
    assert!(!settle.contains("validate_certs"), "{settle}");
    for file in [PROBE, "compose/compose.yaml"] {
        assert!(text(file).contains(&format!("Idempotency-Key: {KEY}")), "{file}");
    }
    let mission = CallerRequest::keyed(&KEY.parse().unwrap()).mission(0).to_string();
    assert_eq!(mission, "65a2ab7b-aa58-58d2-bcae-7e6395939900");
}
