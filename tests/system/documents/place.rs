//! Where the commands of one page run: a folder, servers, a port and a database of its own.

use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use sqlx::{Executor, MySqlPool};
use tempfile::TempDir;
use testkit::servers::{Database, Port, mysql_url};
use tokio::task::spawn_blocking;

use super::block::{self, Block};
use super::broker::Broker;
use super::output::{fails, is_as_shown};
use super::presumed::Presumed;
use super::{programs, root};
use crate::clients::shell;
use crate::process::Process;
use crate::system::{ask, eventually};

pub struct Place {
    presumed: Presumed,
    folder: TempDir,
    listen: String,
    _port: Port,
    broker: Broker,
    database: Database,
    /// What the page has started, the newest last.
    running: Option<Process>,
    /// A mission that is stored.
    mission: String,
}

impl Place {
    pub async fn new(presumed: Presumed) -> Self {
        let folder = TempDir::new().unwrap();
        for entry in std::fs::read_dir(root()).unwrap() {
            let entry = entry.unwrap();
            if ["schemas", "compose", "Cargo.toml"].contains(&entry.file_name().to_str().unwrap()) {
                symlink(entry.path(), folder.path().join(entry.file_name())).unwrap();
            }
        }
        let (broker, database) = (Broker::new(presumed), testkit::servers::database());
        programs::write(&folder.path().join("bin"), &broker, &database.url);
        let port = Port::free().unwrap();
        let mut place = Self {
            presumed,
            folder,
            listen: format!("127.0.0.1:{}", port.number()),
            _port: port,
            broker,
            database,
            running: None,
            mission: String::new(),
        };
        place.output(&format!("spymission topology apply --broker {}", place.broker.url())).await;
        match presumed {
            Presumed::Nothing => {}
            Presumed::Embedded | Presumed::Node => place.start("spymission up").await,
            Presumed::Servers => {
                let (broker, database) = (place.broker.url(), &place.database.url);
                let up = format!("spymission up --broker {broker} --database {database}");
                place.start(&up).await;
            }
        }
        place
    }

    /// Runs a block, and compares what it prints.
    pub async fn run(&mut self, block: &Block) {
        if block.language == "sql" {
            return self.statements(&block.text).await;
        }
        let commands = block.commands();
        if commands.iter().any(|command| command.typed.ends_with('&')) {
            return self.background(&commands).await;
        }
        if commands.iter().all(|command| command.shown.is_empty() && !starts(&command.typed)) {
            // They may share a folder or a variable.
            let script: Vec<_> = commands.iter().map(|command| command.typed.as_str()).collect();
            let script = self.with_letter(&self.here(&script.join("\n"))).await;
            let (went, said) = self.output(&script).await;
            assert!(went, "{}: {script}: {said}", block.page);
            return;
        }
        for command in &commands {
            let typed = self.here(&command.typed);
            let (went, said) = if starts(&command.typed) {
                self.start(&typed).await;
                let log = || self.running.as_ref().unwrap().log();
                eventually("the output that is shown", async || {
                    is_as_shown(&command.typed, &log(), &command.shown).is_ok()
                })
                .await;
                (true, log())
            } else if command.typed.starts_with("spymission top") {
                self.output_as_shown(&typed, &command.shown).await
            } else {
                self.output(&typed).await
            };
            assert_eq!(went, !fails(&command.shown), "{}: {typed}: {said}", block.page);
            let same = is_as_shown(&command.typed, &said, &command.shown);
            same.unwrap_or_else(|why| panic!("{}: {why}", block.page));
        }
    }

    /// The command with the addresses of this place.
    fn here(&self, typed: &str) -> String {
        let mut typed = self.broker.here(typed);
        let owner = self.owner();
        let server = mysql_url("");
        let (_, server) = server.split_once('@').unwrap();
        let own = format!("mysql://{owner}:choose-one@{server}{owner}");
        for (theirs, ours) in [
            ("mysql://root@localhost:3306/spymission", self.database.url.as_str()),
            ("mysql://root@localhost/spymission", &mysql_url("absent_database")),
            ("mysql://spymission:choose-one@localhost:3306/spymission", &own),
            ("localhost:8080", &self.listen),
            ("127.0.0.1:8080", &self.listen),
            ("--count 100000", "--count 1000"), // the same command, in less time
            ("--seconds 60", "--seconds 1"),
        ] {
            typed = typed.replace(theirs, ours);
        }
        match typed.split_once("missions show ") {
            Some((before, _)) => format!("{before}missions show {}", self.mission),
            None => typed,
        }
    }

    /// The commands with the id of a dead letter for `ID`, once it is there.
    async fn with_letter(&self, script: &str) -> String {
        const SHOW: &str = "letters show ID";
        if !script.contains(SHOW) {
            return script.to_owned();
        }
        let list = format!("spymission dead-letters list --database {}", self.database.url);
        let mut id = None;
        eventually("a dead letter", async || {
            let (_, said) = self.output(&format!("{list} --format json")).await;
            let letter = serde_json::from_str::<Value>(said.lines().next().unwrap_or_default());
            id = letter.ok().and_then(|letter| Some(letter["id"].as_str()?.to_owned()));
            id.is_some()
        })
        .await;
        script.replace(" ID", &format!(" {}", id.unwrap()))
    }

    /// The user and the database that the page creates.
    fn owner(&self) -> String {
        let name = self.database.url.rsplit('/').next().unwrap();
        format!("{name}d")
    }

    fn command(&self, script: &str) -> Command {
        let mut command = shell(script);
        let path = command.get_envs().find(|(name, _)| *name == "PATH");
        let path = path.and_then(|(_, value)| value?.to_str()).map(str::to_owned);
        let path = path.unwrap_or_else(|| std::env::var("PATH").unwrap());
        command.env("PATH", format!("{}/bin:{path}", self.folder.path().display()));
        let url = format!("http://{}", self.listen);
        command.env("ROOT", root()).env("SPYMISSION_URL", &url).env("URL", &url);
        command.env("SPYMISSION_BENCH_SECONDS", "1"); // where the page leaves it at the default
        command.env("SPYMISSION_LISTEN", &self.listen).current_dir(self.folder.path());
        if self.presumed == Presumed::Servers {
            command.env("SPYMISSION_BROKER", self.broker.url());
        }
        command
    }

    /// Whether it went well, and what it printed.
    async fn output(&self, script: &str) -> (bool, String) {
        let mut command = self.command(&format!("set -e\nexec 2>&1\n{script}"));
        let ended = spawn_blocking(move || command.output()).await.unwrap().unwrap();
        (ended.status.success(), String::from_utf8_lossy(&ended.stdout).into_owned())
    }

    /// What a command prints when it has heard of every process: a status comes every 2 s.
    async fn output_as_shown(&self, script: &str, shown: &[String]) -> (bool, String) {
        let mut printed = (false, String::new());
        eventually(&format!("{script} to print {shown:?}"), async || {
            printed = self.output(script).await;
            is_as_shown(script, &printed.1, shown).is_ok()
        })
        .await;
        printed
    }

    /// Starts what goes on until it is stopped; what went on before is stopped.
    async fn start(&mut self, script: &str) {
        self.stop().await;
        self.running = Some(Process::spawn(self.command(&format!("exec {script}"))));
        self.ready().await;
        for _ in 0..2 {
            let mission = ask(&format!("http://{}", self.listen)).await;
            self.mission = mission["id"].as_str().unwrap().into();
        }
    }

    /// Starts several processes, and stops them when they have made a mission together.
    async fn background(&mut self, commands: &[block::Command]) {
        self.stop().await;
        let typed: Vec<_> = commands.iter().map(|command| self.here(&command.typed)).collect();
        let script = format!(
            "trap 'kill $(jobs -p)' TERM\nset -e\n{}\nset +e\nwait; wait",
            typed.join("\n")
        );
        let mut all = Process::spawn(self.command(&script));
        self.ready().await;
        ask(&format!("http://{}", self.listen)).await;
        all.stop().await;
    }

    async fn ready(&self) {
        let url = format!("http://{}/readyz", self.listen);
        eventually("the processes of the page to be ready", async || {
            let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build();
            client.unwrap().get(&url).send().await.is_ok_and(|ready| ready.status().is_success())
        })
        .await;
    }

    async fn stop(&mut self) {
        if let Some(mut before) = self.running.take() {
            before.stop().await;
        }
    }

    /// Runs statements as the database's first user, on names of this place.
    async fn statements(&self, text: &str) {
        let owner = self.owner();
        let named = text.replace("spymission", &owner);
        let pool = MySqlPool::connect(&self.database.url).await.unwrap();
        for statement in named.split(';').map(str::trim).filter(|one| !one.is_empty()) {
            pool.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap();
        }
    }

    /// Removes what the page has created on the servers.
    pub async fn leave(mut self) {
        self.stop().await;
        let pool = MySqlPool::connect(&self.database.url).await.unwrap();
        for what in ["DATABASE", "USER"] {
            let statement = format!("DROP {what} IF EXISTS {}", self.owner());
            pool.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        }
    }
}

/// Whether the command goes on until it is stopped.
fn starts(typed: &str) -> bool {
    let words = typed.split('#').next().unwrap_or_default();
    let mut words = words
        .split_whitespace()
        .skip_while(|word| ["cargo", "run", "--release", "--", "spymission"].contains(word));
    let program = typed.starts_with("cargo run") || typed.starts_with("spymission");
    program && matches!(words.next(), None | Some("up"))
}
