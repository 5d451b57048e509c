//! Clients in other languages: the examples of docs/clients.md, and many clients at once.

mod crowd;
mod examples;

use std::process::Command;

/// A shell command at the root of the repository that finds the clients' libraries. It may take ten
/// minutes, because it may have to build an example first.
pub fn shell(script: &str) -> Command {
    let python = testkit::process::python_with("pika").expect("python3 with pika");
    let folder = std::path::Path::new(python).parent().unwrap().to_str().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("timeout");
    command.args(["600", "sh", "-c", script]).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("NODE_PATH", testkit::amqplib::node_path());
    if !folder.is_empty() {
        command.env("PATH", format!("{folder}:{path}"));
    }
    // A cargo in it uses the target directory of this build…
    let ours = std::path::Path::new(env!("CARGO_BIN_EXE_spymission")).ancestors().nth(2).unwrap();
    command.env("CARGO_TARGET_DIR", ours);
    // … and must not see the variables that cargo set for this test.
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}
