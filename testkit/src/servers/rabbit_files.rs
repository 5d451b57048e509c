//! The files and the environment of a RabbitMQ node.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::shipped;
use crate::process::find;

/// The address, as Erlang writes it.
const LOOPBACK: &str = "{127,0,0,1}";

/// The ports of a node.
pub(super) struct Ports {
    pub(super) amqp: u16,
    pub(super) dist: u16,
    pub(super) management: u16,
    pub(super) epmd: u16,
}

/// The server's own start script. Debian's wrapper in `/usr/sbin` would drop root's privileges.
pub(super) fn program() -> Option<PathBuf> {
    if let Some(other) = std::env::var_os(super::shared::RABBITMQ) {
        return Some(PathBuf::from(other)).filter(|program| program.is_file());
    }
    let debian = PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server");
    if debian.is_file() { Some(debian) } else { find("rabbitmq-server") }
}

/// Writes configuration and plugin list into `dir`.
pub(super) fn write(dir: &Path, ports: &Ports, program: &Path) -> io::Result<()> {
    let Ports { amqp, management, .. } = ports;
    // Without the metrics collector the API still answers from the queues themselves
    // (`disable_stats`): lighter, and fresher than its samples.
    let conf = format!(
        "listeners.tcp.local = 127.0.0.1:{amqp}\nmanagement.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {management}\nmanagement_agent.disable_metrics_collector = true\n\
         log.console = false\n{}",
        shipped::rabbitmq_conf()
    );
    fs::write(dir.join("rabbitmq.conf"), conf)?;
    // Quorum queues publish their counts at this pace; the default of 5 s makes tests wait.
    let more = shipped::rabbitmq_terms();
    let terms = format!("[{{rabbit, [{{quorum_tick_interval, 250}}{more}]}}].\n");
    fs::write(dir.join("advanced.config"), terms)?;
    fs::write(dir.join("enabled_plugins"), "[rabbitmq_management].\n")?;
    fs::write(dir.join("env.conf"), "")?;
    let _ = slim(dir, program); // only faster
    Ok(())
}

/// The name of the node with this AMQP port.
pub(super) fn node_name(amqp: u16) -> String {
    format!("spymission-{amqp}@localhost")
}

/// Makes the node of `dir` one of a cluster; `members` are the AMQP ports of all.
pub(super) fn join(dir: &Path, members: &[u16]) -> io::Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    let mut conf = fs::OpenOptions::new().append(true).open(dir.join("rabbitmq.conf"))?;
    writeln!(conf, "cluster_formation.peer_discovery_backend = classic_config")?;
    for (number, amqp) in (1..).zip(members) {
        let name = node_name(*amqp);
        writeln!(conf, "cluster_formation.classic_config.nodes.{number} = {name}")?;
    }
    // A node that sees no majority stops serving: its clients go to another one.
    writeln!(conf, "cluster_partition_handling = pause_minority")?;
    // Nodes of one cluster trust each other by this secret.
    let cookie = dir.join(".erlang.cookie");
    fs::write(&cookie, "SPYMISSIONTESTS")?;
    fs::set_permissions(cookie, fs::Permissions::from_mode(0o400))
}

/// Makes the node of `dir` listen with TLS at this port, and refuse clients without a certificate.
pub(super) fn listen_with_tls(dir: &Path, port: u16, files: &Path) -> io::Result<()> {
    let mut conf = fs::OpenOptions::new().append(true).open(dir.join("rabbitmq.conf"))?;
    writeln!(conf, "listeners.ssl.local = 127.0.0.1:{port}")?;
    for (key, file) in
        [("cacertfile", "ca.pem"), ("certfile", "server.pem"), ("keyfile", "server.key")]
    {
        writeln!(conf, "ssl_options.{key} = {}", files.join(file).display())?;
    }
    writeln!(conf, "ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true")
}

/// A view of the installation without the plugins we do not use. The node looks into every plugin
/// directory at every start; this saves two seconds of each.
fn slim(dir: &Path, program: &Path) -> io::Result<()> {
    let scripts = fs::canonicalize(program)?;
    let home = scripts.ancestors().nth(2).unwrap_or(Path::new("/"));
    let entries = fs::read_dir(home.join("plugins"))?;
    let view = dir.join("home");
    fs::create_dir_all(view.join("plugins"))?;
    for name in ["sbin", "escript"] {
        symlink(home.join(name), view.join(name))?;
    }
    for entry in entries {
        let entry = entry?;
        if needed(&entry.file_name()) {
            symlink(entry.path(), view.join("plugins").join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn needed(plugin: &OsStr) -> bool {
    let name = plugin.to_string_lossy();
    let ours = ["management-", "management_agent-", "web_dispatch-", "prelaunch-", "codegen-"];
    let rest = name.strip_prefix("rabbitmq_");
    rest.is_none_or(|rest| ours.iter().any(|plugin| rest.starts_with(plugin)))
}

/// Makes `command` use the node in `dir`, and nothing of the machine's own node.
pub(super) fn environment(command: &mut Command, dir: &Path, ports: &Ports) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("RABBITMQ_") || text.starts_with("ERL_") {
            command.env_remove(&name);
        }
    }
    let files = [
        ("HOME", "."), // the cookie
        ("RABBITMQ_CONF_ENV_FILE", "env.conf"),
        ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
        ("RABBITMQ_MNESIA_BASE", "data"),
        ("RABBITMQ_LOG_BASE", "log"),
    ];
    for (name, file) in files {
        command.env(name, dir.join(file));
    }
    if dir.join("home/plugins").is_dir() {
        command.env("RABBITMQ_SCRIPTS_DIR", dir.join("home/sbin"));
    }
    command
        .env("RABBITMQ_NODENAME", node_name(ports.amqp))
        .env("RABBITMQ_DIST_PORT", ports.dist.to_string())
        .env("ERL_EPMD_PORT", ports.epmd.to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env(
            "ERL_FLAGS",
            format!("-kernel inet_dist_use_interface {LOOPBACK}{}", shipped::erlang()),
        )
        // The script then becomes the server instead of staying its parent: our pid is the server's.
        .env("RUNNING_UNDER_SYSTEMD", "true");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_plugins_are_left_out() {
        for name in ["rabbit-3.10.8", "cowboy-2.8.0", "rabbitmq_management-3.10.8"] {
            assert!(needed(OsStr::new(name)), "{name}");
        }
        assert!(!needed(OsStr::new("rabbitmq_mqtt-3.10.8")));
        assert!(!needed(OsStr::new("rabbitmq_shovel_management-3.10.8")));
    }
}
