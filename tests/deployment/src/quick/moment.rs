//! What spymission-backup-at begins with, and what it refuses.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use xtask::workspace::root;

use super::program;

/// What stands for the programs of the machine. `AT` is the folder of the test.
const PROGRAMS: [(&str, &str); 3] = [
    (
        "docker",
        r#"echo "$*" >>AT/docker
case "$*" in
    ps*) cat AT/database ;;
    inspect*) echo AT/data ;;
    *"mysql --batch --skip-column-names spymission") cat >AT/loaded ;;
    *service_state*) echo OFF ;;
    *"SHOW REPLICA STATUS") cat AT/ended ;;
esac"#,
    ),
    ("spymission-binary-logs", r#"echo "$1 $2 $3" >AT/asked; cat AT/written"#),
    ("spymission-backup", r#"echo "$BACKUP_FROM $1" >AT/made"#),
];
/// When the backups of the tests begin: 04:00 and 05:00 of this day. Each takes ten minutes.
const DAY: &str = "2026-11-20";
const FOUR: u64 = 1_795_147_200;
const HOUR: u64 = 3_600;

/// A machine with a database and two backups, the later of which is encrypted.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(TempDir::new().unwrap());
        for folder in ["bin", "backups"] {
            fs::create_dir(machine.at(folder)).unwrap();
        }
        for (name, script) in PROGRAMS {
            let place = format!("{}/", machine.0.path().display());
            let script = format!("#!/bin/sh\n{}\n", script.replace("AT/", &place));
            program(&machine.at("bin").join(name), &script);
        }
        let (backups, key) = (machine.at("backups"), machine.at("key"));
        machine.write(
            "settings",
            &format!(
                "BACKUP_STACK=spymission BACKUP_DIRECTORY={} BACKUP_KEY_FILE={}",
                backups.display(),
                key.display()
            ),
        );
        for (name, text) in
            [("key", "secret"), ("database", "mysql"), ("written", ""), ("ended", "")]
        {
            machine.write(name, text);
        }
        machine.backup("04");
        machine.backup("05");
        let (plain, encrypted) = (machine.file("05"), machine.file("05") + ".enc");
        let pass = format!("file:{}", key.display());
        let mut encrypt = Command::new("openssl");
        encrypt.args(["enc", "-aes-256-cbc", "-pbkdf2", "-salt", "-pass", &pass]);
        assert!(encrypt.args(["-in", &plain, "-out", &encrypted]).status().unwrap().success());
        fs::remove_file(plain).unwrap();
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap().trim().to_owned()
    }

    /// The file of a backup of this hour.
    fn file(&self, hour: &str) -> String {
        let name = format!("missions-{}T{hour}0000Z.sql.gz", DAY.replace('-', ""));
        self.at("backups").join(name).display().to_string()
    }

    fn backup(&self, hour: &str) {
        self.write("dump", &format!("of {hour}\n-- Dump completed on {DAY} {hour}:10:00\n"));
        let zipped = fs::File::create(self.file(hour)).unwrap();
        let mut gzip = Command::new("gzip");
        gzip.arg("--stdout").arg(self.at("dump")).stdout(Stdio::from(zipped));
        assert!(gzip.status().unwrap().success());
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let path = format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap());
        let mut script = Command::new("sh");
        script.arg(root().join("ansible/roles/backup/files/spymission-backup-at.sh"));
        script
            .args(arguments)
            .env("PATH", path)
            .env("LC_ALL", "C")
            .env("BACKUP_SETTINGS", self.at("settings"));
        script.output().unwrap()
    }

    /// What is loaded for this moment, and from when on the binary logs are asked for.
    fn begins_with(&self, moment: &str) -> (String, String) {
        let said = self.run(&[&format!("{DAY} {moment} UTC")]);
        assert!(said.status.success(), "{said:?}");
        (self.read("loaded").lines().next().unwrap().to_owned(), self.read("asked"))
    }

    /// Why nothing is made, and no trace is left.
    fn refused(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        let why = String::from_utf8(said.stderr).unwrap();
        assert!(!said.status.success() && !self.at("made").exists(), "{why}");
        assert!(!self.at("backups/backup-at").exists(), "{why}");
        why
    }
}

#[test]
fn a_moment_begins_with_the_last_backup_that_was_complete_by_then() {
    let m = Machine::new();
    let data = m.at("data").display().to_string();
    let four = |moment: u64| ("of 04".to_owned(), format!("{data} {FOUR} {moment}"));
    assert_eq!(m.begins_with("04:10:00"), four(FOUR + 600));
    assert_eq!(m.begins_with("04:50:00"), four(FOUR + 3_000));
    // The one of five was not complete.
    assert_eq!(m.begins_with("05:09:59"), four(FOUR + HOUR + 599));
    let five = format!("{data} {} {}", FOUR + HOUR, FOUR + HOUR + 600);
    assert_eq!(m.begins_with("05:10:00"), ("of 05".to_owned(), five));
    assert!(m.read("made").ends_with("T051000Z.sql.gz"), "{}", m.read("made"));
    assert!(m.read("made").starts_with("spymission-backup-at "), "{}", m.read("made"));
    assert!(!m.at("backups/backup-at").exists());
}

#[test]
fn a_moment_that_no_backup_reaches_is_refused() {
    let m = Machine::new();
    let why = m.refused(&[&format!("{DAY} 04:09:59 UTC")]);
    assert!(why.contains("no backup in ") && why.contains("was complete at"), "{why}");
    let why = m.refused(&["tomorrow"]);
    assert!(why.contains("tomorrow is not over yet"), "{why}");
    assert!(m.refused(&["yesterdayish"]).contains("invalid date"));
    assert!(m.refused(&[]).contains("a time, such as"));
}

#[test]
fn a_backup_of_a_moment_overwrites_none() {
    let m = Machine::new();
    for (there, moment) in [("04", "04:00:00"), ("05", "05:00:00")] {
        let why = m.refused(&[&format!("{DAY} {moment} UTC")]);
        assert!(why.contains(&m.file(there)) && why.contains("is there already"), "{why}");
    }
}

#[test]
fn a_machine_without_the_database_makes_no_backup_of_a_moment() {
    let m = Machine::new();
    m.write("database", "");
    let why = m.refused(&[&format!("{DAY} 05:30:00 UTC")]);
    assert!(why.contains("no database runs on this machine"), "{why}");
}

#[test]
fn two_backups_of_a_moment_do_not_run_at_once() {
    let m = Machine::new();
    let lock = fs::File::create(m.at("backups/.backup-at")).unwrap();
    lock.lock().unwrap();
    let why = m.refused(&[&format!("{DAY} 05:30:00 UTC")]);
    assert!(why.contains("another spymission-backup-at runs"), "{why}");
}

#[test]
fn binary_logs_that_were_not_applied_whole_make_no_backup() {
    let m = Machine::new();
    m.write("written", "4 replay.000002 900");
    m.write(
        "ended",
        "  Relay_Log_File: replay.000002\n  Relay_Log_Pos: 700\n  Last_SQL_Error: row\n",
    );
    let moment = format!("{DAY} 05:30:00 UTC");
    let why = m.refused(&[&moment]);
    assert!(why.contains("were not applied whole: row"), "{why}");
    assert!(m.read("docker").ends_with("rm --force --volumes spymission-backup-at"));
    m.write("ended", "  Relay_Log_File: replay.000002\n  Relay_Log_Pos: 900\n");
    assert!(m.run(&[&moment]).status.success() && m.at("made").exists());
}
