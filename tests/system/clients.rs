//! Clients in other languages: the examples as the README shows them, and a crowd at once.

mod crowd;
mod examples;

use std::process::Command;

/// A shell command at the root of the repository, which finds the clients' libraries. It is given
/// ten minutes: it may have to build something first.
fn shell(script: &str) -> Command {
    let python = testkit::process::python_with("pika").expect("python3 with pika");
    let folder = std::path::Path::new(python).parent().unwrap().to_str().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("timeout");
    command.args(["600", "sh", "-c", script]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("NODE_PATH", testkit::amqplib::node_path());
    if !folder.is_empty() {
        command.env("PATH", format!("{folder}:{path}"));
    }
    // A cargo in it finds what was built for us, wherever that is…
    let ours = std::path::Path::new(env!("CARGO_BIN_EXE_spymission")).ancestors().nth(2).unwrap();
    command.env("CARGO_TARGET_DIR", ours);
    // … and is not to take our own build's words about itself for its own.
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}
