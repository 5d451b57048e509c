//! A wrong setting is refused at start, by its name; a right one does what it says.

use std::net::TcpListener;

use serde_json::json;
use tempfile::TempDir;
use testkit::servers::Port;

use super::run;
use crate::process::Process;
use crate::system::{Embedded, System, ask, id, workers_but};

/// A command line, and what its error names.
type Wrong = (&'static [&'static str], &'static [&'static str]);

#[rustfmt::skip] // one line each: it is a table
const WRONG: &[Wrong] = &[
    (&["gateway", "--broker", "memory:", "--database", "sqlite:x.db"], &["--broker: ", "memory:", "spymission up"]),
    (&["worker", "number", "--broker", "memory:"], &["--broker", "memory:"]),
    (&["worker", "persister", "--broker", "memory:", "--database", "sqlite:x.db"], &["--broker", "memory:"]),
    (&["topology", "check", "--broker", "memory:"], &["--broker", "memory:"]),
    (&["worker", "letter"], &["--broker", "SPYMISSION_BROKER", "missing", "amqp://"]),
    (&["worker", "decider"], &["--broker", "missing"]),
    (&["gateway", "--broker", "amqp://localhost:1"], &["--database", "SPYMISSION_DATABASE", "missing", "mysql://"]),
    (&["migrate"], &["--database", "missing"]),
    (&["worker", "number", "--broker", "http://localhost:5672"], &["--broker", "amqp://"]),
    (&["worker", "number", "--broker", "amqp://localhost:port"], &["--broker", "amqp://"]),
    (&["worker", "number", "--broker", ""], &["--broker", "amqp://"]),
    (&["up", "--database", "postgres://localhost/x"], &["--database", "sqlite:", "mysql://"]),
    (&["up", "--database", "mysql://localhost"], &["--database", "names no database"]),
    (&["up", "--database", "mysql://localhost/x?ssl=on"], &["--database", "ssl-mode"]),
    (&["up", "--database", "sqlite::memory:"], &["--database", "name a file"]),
    (&["up", "--casebook", "/nowhere/at/all.toml"], &["--casebook: ", "/nowhere/at/all.toml"]),
    (&["up", "--broker-file", "/nowhere/at/all"], &["--broker-file: ", "/nowhere/at/all"]),
    (&["up", "--broker-ca", "ca.pem"], &["--broker-ca", "amqps://"]),
    (&["worker", "number", "--broker", "amqp://localhost", "--broker-ca", "ca.pem"], &["--broker-ca", "amqps://"]),
    (&["up", "--database-ca", "ca.pem"], &["--database-ca", "mysql://"]),
    (&["migrate", "--database-file", "/dev/null"], &["--database-file", "empty"]),
    (&["up", "--batch", "0"], &["--batch", "1..=256"]),
    (&["--wait", "0"], &["--wait", "1..=60"]),
    (&["up", "--listen", "8080"], &["--listen", "HOST:PORT", "127.0.0.1:8080"]),
    (&["up", "--connections", "0"], &["--connections", "1..=65536"]),
    (&["up", "--rate", "100"], &["--rate", "requests/seconds", "100/60"]),
    (&["up", "--trust-proxy", "nginx"], &["--trust-proxy", "nginx", "10.0.0.0/8"]),
    (&["up", "--cors", "app.example"], &["--cors", "app.example", "https://app.example"]),
    (&["up", "--cors", "https://app.example/"], &["--cors", "leave out what follows"]),
    (&["up", "--verbose"], &["--verbose"]),
];

#[tokio::test]
async fn a_wrong_setting_is_refused_by_its_name() {
    for (arguments, words) in WRONG.iter().copied() {
        let (code, said) = run(&[], arguments).await;
        assert_eq!(code, 2, "{arguments:?}: {said}");
        let missing: Vec<_> = words.iter().filter(|word| !said.contains(**word)).collect();
        assert!(missing.is_empty(), "{missing:?} is not in: {said}");
    }
}

#[tokio::test]
async fn a_wrong_variable_is_refused_as_the_flag_is() {
    for (name, value) in [
        ("SPYMISSION_BROKER", "memory:"),
        ("SPYMISSION_BROKER", "tcp://localhost"),
        ("SPYMISSION_BROKER_FILE", "/nowhere"),
        ("SPYMISSION_CASEBOOK", "/nowhere"),
        ("SPYMISSION_STATUS", "nowhere"),
        ("SPYMISSION_BATCH", "0"),
    ] {
        let broker = ("SPYMISSION_BROKER", "amqp://localhost:1");
        let both = [broker, (name, value)];
        let of_broker = name.starts_with("SPYMISSION_BROKER");
        let environment = if of_broker { &both[1..] } else { &both[..] };
        let (code, said) = run(environment, &["worker", "decider"]).await;
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(name) && !said.contains("for '--"), "{name} is named: {said}");
    }
}

#[tokio::test]
async fn an_empty_variable_is_unset_and_the_command_line_wins() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("broker");
    std::fs::write(&file, " amqp://localhost:1 \n").unwrap();
    let file = file.to_str().unwrap();
    let decide = ["decide", "19 z 4 a 7 k 0 b 12 q 3 m"];
    let empty = [("SPYMISSION_CASEBOOK", ""), ("SPYMISSION_BATCH", " "), ("SPYMISSION_RATE", "")];
    let (code, said) = run(&empty, &decide).await;
    assert_eq!(code, 0, "{said}");
    // The address in the variable is wrong, so whatever reads it fails with code 2.
    let topology = ["topology", "check", "--broker-file", file];
    let (code, said) = run(&[("SPYMISSION_BROKER", "tcp://localhost")], &topology).await;
    assert_eq!(code, 1, "the broker of the file is away: {said}");
    let both = [("SPYMISSION_BROKER", "amqp://localhost:1"), ("SPYMISSION_BROKER_FILE", file)];
    let (code, said) = run(&both, &["topology", "check"]).await;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("SPYMISSION_BROKER and SPYMISSION_BROKER_FILE"), "{said}");
}

#[tokio::test]
async fn a_host_to_listen_on_may_be_a_name() {
    let directory = TempDir::new().unwrap();
    let database = format!("sqlite:{}", directory.path().join("missions.db").display());
    let port = Port::free().unwrap();
    let listen = format!("localhost:{}", port.number());
    let up = Process::start(&["up", "--database", &database, "--listen", &listen], None);
    up.says("publishing requests").await;
    let (code, said) = run(&[], &["health", "--listen", &listen]).await;
    assert_eq!(code, 0, "{said}: {}", up.log());
    let nowhere = ["up", "--database", &database, "--listen", "no.such.host.invalid:8080"];
    let (code, said) = run(&[], &nowhere).await;
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--listen: no.such.host.invalid:8080: "), "{said}");
}

#[tokio::test]
async fn a_broken_casebook_is_refused_with_its_line() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("mine.toml");
    let file = file.to_str().unwrap();
    let good = std::fs::read_to_string("schemas/casebooks/malory.toml").unwrap();
    let line = |text: &str| good.lines().position(|line| line == text).unwrap() + 1;
    for (was, broken, line) in [
        ("number = 19", "number = 20", line("number = 19")),
        ("at_least = 10", "at_leats = 10", line("at_least = 10")),
        ("text = \"Duchess\"", "text = \"\"", line("text = \"Duchess\"")),
        ("letters = \"aeiou\"", "letters = aeiou", line("letters = \"aeiou\"")),
    ] {
        std::fs::write(file, good.replace(was, broken)).unwrap();
        let broker = ["--broker", "amqp://localhost:1"];
        for role in [&["up"][..], &["worker", "decider", broker[0], broker[1]]] {
            let (code, said) = run(&[], &[role, &["--casebook", file]].concat()).await;
            assert_eq!(code, 2, "{said}");
            let named = said.contains("--casebook") && said.contains(file);
            assert!(named && said.contains(&format!("line {line}")), "{broken}: {said}");
        }
    }
}

#[tokio::test]
async fn a_port_in_use_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let directory = TempDir::new().unwrap();
    let database = format!("sqlite:{}", directory.path().join("missions.db").display());
    let gateway = ["gateway", "--broker", "amqp://localhost:1", "--database", &database];
    for role in [&["up", "--database", &database][..], &gateway] {
        let (code, said) = run(&[], &[role, &["--listen", &listen]].concat()).await;
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("--listen") && said.contains(&listen), "{said}");
    }
}

/// A casebook with one objective and one target.
const OWN: &str = "name = \"universal-exports\"\n
[[objective]]\ntext = \"Have a martini with\"\n
[[target]]\ntext = \"Q\"\n";

#[tokio::test]
async fn an_own_casebook_gives_its_own_missions() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("own.toml");
    std::fs::write(&file, OWN).unwrap();
    let file = file.to_str().unwrap();
    let embedded = Embedded::start_with(&["--casebook", file]).await;
    let system = System::new().await;
    let _workers = system.all_but(["decider"]);
    let _decider = Process::start_in(
        &[("SPYMISSION_CASEBOOK", file), ("SPYMISSION_BROKER", &system.amqp)],
        &["worker", "decider"],
    );
    let _gateway = system.gateway().await;
    for gateway in [&embedded.gateway, &system.gateway] {
        let told = ask(gateway).await;
        let words = [&told["objective"], &told["target"], &told["casebook"]];
        let wanted = [json!("Have a martini with"), json!("Q"), json!("universal-exports")];
        assert_eq!(words, [&wanted[0], &wanted[1], &wanted[2]], "{}", id(&told));
    }
}

#[tokio::test]
async fn without_arguments_it_prints_where_it_listens_and_where_it_stores() {
    let (directory, port) = (TempDir::new().unwrap(), Port::free().unwrap());
    let listen = format!("127.0.0.1:{}", port.number());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_spymission"));
    command.env("SPYMISSION_LISTEN", &listen).current_dir(directory.path());
    let process = Process::spawn(command);
    process.says("curl -X POST").await;
    let url = format!("http://{listen}");
    for words in [&*url, "memory:", "a kill loses", "sqlite:spymission.db", "malory"] {
        assert!(process.log().contains(words), "{words}: {}", process.log());
    }
    process.says("publishing requests").await;
    ask(&url).await;
    assert!(directory.path().join("spymission.db").exists());
}

#[tokio::test]
async fn help_mentions_every_subcommand_and_variable() {
    let helps: &[Wrong] = &[
        (&["--help"], &["up", "gateway", "worker", "migrate", "topology", "SPYMISSION_LISTEN"]),
        (&["up", "--help"], &["SPYMISSION_BROKER_FILE", "SPYMISSION_DATABASE_FILE", "--casebook"]),
        (&["gateway", "--help"], &["SPYMISSION_WAIT", "SPYMISSION_BATCH", "SPYMISSION_DRAIN"]),
        (&["gateway", "--help"], &["SPYMISSION_RATE", "SPYMISSION_CORS", "SPYMISSION_TRUST_PROXY"]),
        (&["worker", "decider", "--help"], &["SPYMISSION_CASEBOOK", "SPYMISSION_BROKER"]),
        (&["topology", "--help"], &["show", "apply", "check"]),
    ];
    let workers: (&[&str], &[&str]) = (&["worker", "--help"], &workers_but([]));
    for (arguments, words) in helps.iter().copied().chain([workers]) {
        let (code, said) = run(&[], arguments).await;
        assert_eq!(code, 0, "{said}");
        let named = |word: &&&str| said.split_whitespace().any(|other| other.contains(**word));
        assert_eq!(words.iter().filter(named).count(), words.len(), "{words:?}: {said}");
    }
}
