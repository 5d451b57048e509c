//! A port that the service manager has opened, as systemd does it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsRawFd;
use std::process::Command;

use rustix::io::{FdFlags, fcntl_setfd};
use tempfile::TempDir;

use crate::process::Process;
use crate::system::ask;

/// Starts everything in one process with this port, as its third file.
fn start(port: &TcpListener, folder: &TempDir) -> Process {
    let hand_over = "exec env LISTEN_PID=$$ LISTEN_FDS=1 \"$@\" 3<&$PORT";
    let database = format!("sqlite:{}", folder.path().join("missions.db").display());
    let mut command = Command::new("bash");
    command.args(["-c", hand_over, "bash", env!("CARGO_BIN_EXE_spymission"), "up"]);
    command.args(["--database", &database]).env("PORT", port.as_raw_fd().to_string());
    Process::spawn(command)
}

#[tokio::test]
async fn callers_wait_at_a_port_that_was_handed_over_until_the_gateway_is_back() {
    let (port, folder) =
        (TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), TempDir::new().unwrap());
    fcntl_setfd(&port, FdFlags::empty()).unwrap(); // a process that is started inherits it
    let gateway = format!("http://{}", port.local_addr().unwrap());
    for _ in 0..2 {
        let mut process = start(&port, &folder); // the caller is there before it is ready
        let mission = ask(&gateway).await;
        assert!(mission["target"].is_string(), "{mission}");
        assert_eq!(process.stop().await.code(), Some(0), "{}", process.log());
    }
}
