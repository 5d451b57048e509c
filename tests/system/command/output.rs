//! Output that cannot be written never ends a process by a panic.

use std::fs::File;
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;
use testkit::servers::Port;

use super::run;
use crate::process::Process;
use crate::system::{System, ask, eventually};

/// A device on which every write fails: no space left.
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// `spymission` with these arguments, killed when the test ends.
struct Running(Child);

impl Running {
    fn start(arguments: &[&str], output: Stdio, errors: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
        command.args(arguments).stdin(Stdio::null()).stdout(output).stderr(errors);
        Self(command.spawn().unwrap())
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the process to end", async || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended already
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_written_loses_lines_and_no_mission() {
    let _ = rustls::crypto::ring::default_provider().install_default(); // once is enough
    for reader_dies in [false, true] {
        let (directory, port) = (TempDir::new().unwrap(), Port::free().unwrap());
        let database = format!("sqlite:{}", directory.path().join("missions.db").display());
        let listen = format!("127.0.0.1:{}", port.number());
        let up = ["up", "--database", &database, "--listen", &listen];
        let errors = if reader_dies { Stdio::piped() } else { full() };
        let mut up = Running::start(&up, full(), errors);
        drop(up.0.stderr.take()); // the reader of the log, if there is one
        let gateway = format!("http://{listen}");
        eventually("the gateway to be ready", async || {
            let ready = reqwest::get(format!("{gateway}/readyz")).await;
            ready.is_ok_and(|ready| ready.status().is_success())
        })
        .await;
        ask(&gateway).await;
        up.signal("TERM");
        assert_eq!(up.ended().await.code(), Some(0), "reader dies: {reader_dies}");
    }
}

#[tokio::test]
async fn a_hang_up_drains_as_sigterm_does_unless_it_is_ignored() {
    let system = System::new().await;
    let mut processes = system.all_workers();
    processes.push(system.gateway().await);
    ask(&system.gateway).await;
    for process in &mut processes {
        process.signal("HUP");
        assert_eq!(process.ended().await.code(), Some(0), "{}", process.log());
    }
    let mut command = Command::new("sh");
    let script = r#"trap "" HUP; exec "$0" worker number --broker "$1""#;
    command.args(["-c", script, env!("CARGO_BIN_EXE_spymission"), &system.amqp]);
    let mut worker = Process::spawn(command);
    worker.says("consuming").await;
    worker.signal("HUP");
    assert_eq!(worker.stop().await.code(), Some(0), "it ran until SIGTERM: {}", worker.log());
    assert_eq!(worker.log().matches("stopping").count(), 1, "{}", worker.log());
}

#[tokio::test]
async fn a_tool_whose_output_cannot_be_written_says_so_in_one_line_and_fails() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let listen = system.gateway.replace("http://", "");
    let directory = TempDir::new().unwrap();
    let errors = directory.path().join("errors");
    let tools: &[&[&str]] = &[
        &["--help"],
        &["--version"],
        &["migrate", "--database", &system.mysql],
        &["health", "--listen", &listen],
        &["missions", "list", "--format", "csv", "--database", &system.mysql],
        &["missions", "export", "--format", "csv", "--database", &system.mysql],
        &["decide", "19 z 4 a 7 k 0 b 12 q 3 m"],
        &["completions", "bash"],
        &["topology", "show"],
        &["topology", "apply", "--broker", &system.amqp],
        &["check", "--broker", &system.amqp],
    ];
    for tool in tools {
        let said = File::create(&errors).unwrap();
        let mut running = Running::start(tool, full(), said.into());
        let code = running.ended().await.code();
        let said = std::fs::read_to_string(&errors).unwrap();
        assert_eq!(code, Some(1), "{tool:?}: {said}");
        let line = "spymission: standard output cannot be written: ";
        assert!(said.contains(line) && said.lines().count() == 1, "{tool:?}: {said}");
    }
}

#[tokio::test]
async fn a_tool_whose_reader_has_gone_ends_quietly() {
    let directory = TempDir::new().unwrap();
    let errors = directory.path().join("errors");
    for tool in [&["--help"][..], &["topology", "show"], &["completions", "zsh"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let said = File::create(&errors).unwrap();
        let mut running = Running::start(tool, writer.into(), said.into());
        assert_eq!(running.ended().await.code(), Some(0), "{tool:?}");
        assert_eq!(std::fs::read_to_string(&errors).unwrap(), "", "{tool:?}");
    }
    let (code, said) = run(&[], &["topology", "show"]).await;
    assert!(code == 0 && !said.is_empty(), "{said}");
}
