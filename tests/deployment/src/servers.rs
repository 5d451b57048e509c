//! The tests of what talks to servers, on the newest servers that a deployment runs: MySQL 9 and
//! RabbitMQ 4. All other tests run on RabbitMQ and MariaDB as Debian has them.

use std::fs;

use testkit::servers::{AMQP, MANAGEMENT, MYSQL, Port};
use xtask::Failure;
use xtask::workspace::cargo;

use crate::docker::{await_answer, docker, output, remove, workplace};
use crate::facts::Facts;
use crate::stand_ins;

/// Root without a password, who may come from outside the container: only this machine reaches it.
const START_MYSQL: &str = r#"
    mysqld --no-defaults --initialize-insecure --datadir=/var/lib/mysql
    echo "CREATE USER root@'%'; GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;" >/tmp/root.sql
    exec mysqld --no-defaults --datadir=/var/lib/mysql --socket=/tmp/mysqld.sock --pid-file=/tmp/mysqld.pid \
        --mysqlx=OFF --skip-name-resolve --max-connections=500 --init-file=/tmp/root.sql"#;
/// As the nodes of other tests have it, but with the collector of metrics: RabbitMQ 4.3 lists no connections
/// without it.
const RABBITMQ_CONF: &str =
    "listeners.tcp.default = 5672\nloopback_users = none\nmax_message_size = 1048576\n";
const RABBITMQ_TERMS: &str = "[{rabbit, [{quorum_tick_interval, 250}]}].\n";

/// Shows them.
pub(crate) async fn show(facts: &mut Facts) -> Result<(), Failure> {
    facts.prove("the tests of the store pass on MySQL 9", store()).await?;
    facts
        .prove("the tests of the bus pass on RabbitMQ 4", bus(&stand_ins::rabbitmq().await?))
        .await?;
    let newest = stand_ins::newest("rabbitmq").await?;
    facts.prove("the tests of the bus pass on the newest RabbitMQ", bus(&newest)).await
}

async fn store() -> Result<String, Failure> {
    let port = Port::free()?;
    let publish = format!("127.0.0.1:{}:3306", port.number());
    let options = ["--user", "mysql", "--publish", &publish, "--entrypoint", "sh"];
    let server =
        Server::start("mysql", &options, &stand_ins::mysql().await?, &["-ec", START_MYSQL]).await?;
    let version = "mysql --no-defaults --protocol=tcp --user=root --batch --skip-column-names \
        --execute='SELECT version()'";
    let version = await_answer(&server.0, version).await?;
    let url = format!("mysql://root@127.0.0.1:{}/", port.number());
    let passed = tests("store", &[(MYSQL, url)]).await?;
    Ok(format!("MySQL {version}: {passed}"))
}

async fn bus(image: &str) -> Result<String, Failure> {
    let folder = workplace().join("rabbitmq-for-tests");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("rabbitmq.conf"), RABBITMQ_CONF)?;
    fs::write(folder.join("advanced.config"), RABBITMQ_TERMS)?;
    fs::write(folder.join("enabled_plugins"), "[rabbitmq_management].\n")?;
    let (amqp, management) = (Port::free()?, Port::free()?);
    let publish = |port: &Port, inside: u16| format!("127.0.0.1:{}:{inside}", port.number());
    let (amqp_at, management_at) = (publish(&amqp, 5672), publish(&management, 15_672));
    let volume = format!("{}:/conf:ro", folder.display());
    let options = [
        ["--user", "rabbitmq"],
        ["--publish", &amqp_at],
        ["--publish", &management_at],
        ["--volume", &volume],
        ["--env", "RABBITMQ_CONFIG_FILE=/conf/rabbitmq.conf"],
        ["--env", "RABBITMQ_ADVANCED_CONFIG_FILE=/conf/advanced.config"],
        ["--env", "RABBITMQ_ENABLED_PLUGINS_FILE=/conf/enabled_plugins"],
        ["--env", "RABBITMQ_LOGS=-"],
        ["--entrypoint", "rabbitmq-server"],
    ];
    let server = Server::start("rabbitmq", options.as_flattened(), image, &[]).await?;
    await_answer(&server.0, "rabbitmq-diagnostics --quiet check_port_listener 15672").await?;
    let version = await_answer(&server.0, "rabbitmqctl --quiet version").await?;
    let environment = [
        (AMQP, format!("amqp://guest:guest@127.0.0.1:{}", amqp.number())),
        (MANAGEMENT, format!("http://127.0.0.1:{}", management.number())),
    ];
    let passed = tests("bus", &environment).await?;
    Ok(format!("RabbitMQ {version}: {passed}"))
}

/// Runs the tests of a crate on these servers. Returns the count of them.
async fn tests(package: &str, servers: &[(&str, String)]) -> Result<String, Failure> {
    let mut command = cargo();
    command.args(["xtask", "test", "--install", "--no-lint", "--", "-p", package]);
    command.envs(servers.iter().map(|(name, value)| (*name, value)));
    let said = output(command).await?;
    let count = said.lines().rev().find(|line| line.contains(" passed"));
    Ok(count.unwrap_or_default().trim().to_owned())
}

/// A server in a container, removed when this is dropped.
struct Server(String);

impl Server {
    async fn start(
        name: &str,
        options: &[&str],
        image: &str,
        command: &[&str],
    ) -> Result<Self, Failure> {
        let server = Self(format!("spymission-test-{name}"));
        remove(&server.0); // of a run that was interrupted
        let run = ["run", "--detach", "--name", &server.0];
        output(docker(run.iter().chain(options).chain(&[image]).chain(command))).await?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        remove(&self.0);
    }
}
