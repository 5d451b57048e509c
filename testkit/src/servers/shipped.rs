//! What the servers of tests and benchmarks share with those that are shipped: the files in `compose`,
//! except for what belongs to the place where a server runs. Further settings can be tried.

use std::env::var;

/// More lines of rabbitmq.conf.
const CONF: &str = "SPYMISSION_TEST_RABBITMQ_CONF";
/// More terms of the application `rabbit` in advanced.config.
const TERMS: &str = "SPYMISSION_TEST_RABBITMQ_TERMS";
/// More arguments of Erlang.
const ERLANG: &str = "SPYMISSION_TEST_RABBITMQ_ERLANG";
/// More arguments of mariadbd.
const MARIADB: &str = "SPYMISSION_TEST_MARIADB";

const RABBITMQ_CONF: &str = include_str!("../../../compose/rabbitmq/rabbitmq.conf");
const MY_CNF: &str = include_str!("../../../compose/mysql/my.cnf");

/// What belongs to the place of a broker: its users, ports, keys, logs, and how much memory and disk it
/// has.
const OF_A_BROKER: [&str; 11] = [
    "load_definitions",
    "listeners.",
    "ssl_options.cacertfile",
    "ssl_options.certfile",
    "ssl_options.keyfile",
    "management.",
    "prometheus.",
    "log.",
    "total_memory_available_override_value",
    "vm_memory_high_watermark.",
    "disk_free_limit.",
];

/// What belongs to the place of a database: its paths, ports, keys and memory, what MariaDB does not
/// know, and how long it keeps a binary log, which a test does not have.
const OF_A_DATABASE: [&str; 17] = [
    "datadir",
    "tmpdir",
    "socket",
    "pid-file",
    "secure-file-priv",
    "port",
    "bind-address",
    "mysqlx",
    "binlog_expire_logs_seconds",
    "innodb_numa_interleave",
    "innodb_buffer_pool_size",
    "max_connections",
    "require_secure_transport",
    "tls_version",
    "ssl_ca",
    "ssl_cert",
    "ssl_key",
];

/// Lines of rabbitmq.conf.
pub(super) fn rabbitmq_conf() -> String {
    let place = |key: &str| OF_A_BROKER.iter().any(|of| key.starts_with(of));
    let lines = settings(RABBITMQ_CONF).filter(|(key, _)| !place(key));
    let lines = lines.map(|(key, value)| format!("{key} = {value}\n"));
    lines.collect::<String>() + &tried(CONF) + "\n"
}

/// Terms of the application `rabbit` in advanced.config, each after a comma.
pub(super) fn rabbitmq_terms() -> String {
    let terms = tried(TERMS);
    if terms.is_empty() { terms } else { format!(", {terms}") }
}

/// Arguments of Erlang, each after a space.
pub(super) fn erlang() -> String {
    format!(" {}", tried(ERLANG))
}

/// Arguments of mariadbd.
pub(super) fn mariadb() -> Vec<String> {
    let shipped = settings(MY_CNF).filter(|(key, _)| !OF_A_DATABASE.contains(key));
    let shipped = shipped.map(|(key, value)| format!("--{key}={value}"));
    shipped.chain(tried(MARIADB).split_whitespace().map(str::to_owned)).collect()
}

/// The settings of a file, by their keys.
fn settings(file: &str) -> impl Iterator<Item = (&str, &str)> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

fn tried(variable: &str) -> String {
    var(variable).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_used_except_for_what_belongs_to_a_place() {
        let (conf, arguments) = (rabbitmq_conf(), mariadb());
        assert!(conf.contains("max_message_size = 1048576\n"), "{conf}");
        assert!(!conf.contains("port") && !conf.contains("definitions"), "{conf}");
        for kept in ["--innodb_flush_log_at_trx_commit=1", "--sync_binlog=1"] {
            assert!(arguments.iter().any(|argument| argument == kept), "{arguments:?}");
        }
        assert!(!arguments.iter().any(|argument| argument.contains('/')), "{arguments:?}");
    }

    #[test]
    fn each_setting_of_a_place_is_shipped() {
        let shipped = |file, key: &str| settings(file).any(|(name, _)| name.starts_with(key));
        for key in OF_A_BROKER {
            assert!(shipped(RABBITMQ_CONF, key), "{key}");
        }
        for key in OF_A_DATABASE {
            assert!(shipped(MY_CNF, key), "{key}");
        }
    }
}
