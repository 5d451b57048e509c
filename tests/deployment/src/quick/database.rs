//! The scripts of a deployed database, on a MariaDB node of their own and without Docker.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use testkit::servers::MariaDb;
use xtask::workspace::root;

/// MariaDB's knows no such option.
pub(super) const DUMP: &str = r#"for a; do shift; [ "$a" = --set-gtid-purged=OFF ] || set -- "$@" "$a"; done
mariadb-dump "$@""#;
/// What stands for the programs of the machine. `AT` is the folder of the test.
const PROGRAMS: [(&str, &str); 4] = [
    ("mysqld", "exit 0"),
    ("mysqldump", DUMP),
    // No answer to statements with the words in `away`, and a cut after the statement of this number.
    (
        "mysql",
        r#"echo x >>AT/statements
n=$(wc -l <AT/statements)
if [ -e AT/away ]; then case "$*" in *"$(cat AT/away)"*) exit 1 ;; esac; fi
mariadb "$@" || exit
[ "$(cat AT/after)" != "$n" ] || exit 1"#,
    ),
    (
        "docker",
        r#"echo "$*" >>AT/docker
case "$1 $2" in
    ps*) echo container ;;
    info*) echo true ;;
    "service inspect") cat AT/replicas ;;
    "service scale")
        for a; do case $a in *=*) echo "${a##*=}" >AT/replicas ;; esac; done
        [ ! -e AT/stopping ] || { sh AT/stopping && rm AT/stopping; }
        ;;
    exec*)
        while [ "$1" != sh ]; do shift; done
        script=AT/etc/$(basename "$2")
        shift 2
        exec sh "$script" "$@"
        ;;
esac"#,
    ),
];

/// A database with its users, its scripts and its secrets.
pub(super) struct Deployed {
    pub(super) node: MariaDb,
    folder: TempDir,
}

impl Deployed {
    /// With an empty schema.
    pub(super) fn new() -> Self {
        let (node, folder) = (MariaDb::start().unwrap(), TempDir::new().unwrap());
        let deployed = Self { node, folder };
        let secrets = deployed.at("secrets");
        let mut made = Command::new(root().join("compose/secrets.sh"));
        assert!(made.arg(&secrets).output().unwrap().status.success());
        for folder in ["bin", "etc", "backups"] {
            fs::create_dir(deployed.at(folder)).unwrap();
        }
        for (name, script) in PROGRAMS {
            deployed.program(name, script);
        }
        deployed.cut(0);
        fs::write(deployed.at("replicas"), "3\n").unwrap();
        deployed.install();
        deployed.users();
        deployed
    }

    /// A file or folder of it.
    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that the scripts find.
    pub(super) fn program(&self, name: &str, script: &str) -> PathBuf {
        let (file, at) = (self.at("bin").join(name), self.folder.path().display().to_string());
        super::program(
            &file,
            &format!("#!/bin/sh\n{}\n", script.replace("AT/", &format!("{at}/"))),
        );
        file
    }

    /// The next script ends after the statement of this number; 0 is none.
    pub(super) fn cut(&self, after: u32) {
        fs::write(self.at("after"), after.to_string()).unwrap();
        fs::write(self.at("statements"), "").unwrap();
    }

    /// The scripts of the container, for the place where they are here.
    fn install(&self) {
        let url = self.node.url("");
        let port = url.rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
        for entry in fs::read_dir(root().join("compose/mysql")).unwrap() {
            let entry = entry.unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            let text = text
                .replace("/run/secrets", &self.at("secrets").display().to_string())
                .replace("/etc/spymission", &self.at("etc").display().to_string())
                .replace("/tmp/users.sql", &self.at("users.sql").display().to_string())
                .replace("/var/lib/mysql", &self.at("data").display().to_string())
                .replace("--ssl-mode=REQUIRED", &format!("--protocol=tcp --port={port}"))
                .replace(
                    "--socket=/tmp/mysqld.sock",
                    &format!("--host=127.0.0.1 --port={port} --password="),
                );
            fs::write(self.at("etc").join(entry.file_name()), text).unwrap();
        }
    }

    /// Makes the users as a start of MySQL does; this node has no TLS.
    fn users(&self) {
        fs::create_dir_all(self.at("data/mysql")).unwrap();
        let made = self.run(&self.at("etc/start.sh"), &[], "");
        assert!(made.status.success(), "{made:?}");
        let users = fs::read_to_string(self.at("users.sql")).unwrap();
        let users = users.lines().filter(|line| !line.contains("'root'@"));
        let users = users.collect::<Vec<_>>().join("\n").replace(" REQUIRE SSL", "");
        self.node.sql(&users).unwrap();
        self.node.sql("DROP USER IF EXISTS ''@localhost; FLUSH PRIVILEGES").unwrap();
    }

    /// A shell script, with these lines to read.
    pub(super) fn run(&self, script: &Path, arguments: &[&str], typed: &str) -> Output {
        let input = self.at("typed");
        fs::write(&input, typed).unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("sh");
        command.arg(script).args(arguments).stdin(fs::File::open(input).unwrap());
        command.env("PATH", format!("{}:{path}", self.at("bin").display()));
        command.env("BACKUP_SETTINGS", self.at("settings")).output().unwrap()
    }

    /// The rows of this statement of a login, or why it is refused.
    pub(super) fn sql(&self, login: &str, statement: &str) -> Result<String, String> {
        let path = std::env::var("PATH").unwrap();
        let client =
            ["mysql", "--batch", "--skip-column-names", "--execute", statement, "spymission"];
        let mut command = Command::new("sh");
        command
            .arg(self.at("etc/client.sh"))
            .args(client)
            .env("LOGIN", format!("database-{login}"));
        command.env("PATH", format!("{}:{path}", self.at("bin").display()));
        let said = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if said.status.success() { Ok(text(said.stdout)) } else { Err(text(said.stderr)) }
    }

    /// Makes the tables as `migrate` does.
    pub(super) fn migrate(&self) {
        let folder = root().join("schemas/migrations/mysql");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        for file in files {
            self.sql("migrate", &fs::read_to_string(file).unwrap()).unwrap();
        }
    }
}
