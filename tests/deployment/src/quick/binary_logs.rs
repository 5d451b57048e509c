//! What a backup of a moment takes from the binary logs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use xtask::workspace::root;

/// Types of events: the one that begins a log, a statement, the one that begins a transaction, and its commit.
const LOG: u8 = 15;
const STATEMENT: u8 = 2;
const TRANSACTION: u8 = 34;
const COMMIT: u8 = 16;
/// What spymission-restore does at last.
const RESTORE: &[u8] = b"RENAME TABLE spymission.missions TO spymission_replaced.missions";

/// An event with this body.
fn event(when: u32, kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(19 + body.len()).unwrap();
    let mut event = when.to_le_bytes().to_vec();
    event.push(kind);
    for number in [1, length, 0] {
        event.extend(number.to_le_bytes());
    }
    event.extend([0; 2]);
    event.extend(body);
    event
}

/// A log that was begun at the first time, with a transaction at each of the others.
fn log(times: &[u32]) -> Vec<u8> {
    let mut log = b"\xfebin".to_vec();
    for (place, when) in times.iter().enumerate() {
        log.extend(event(*when, if place == 0 { LOG } else { TRANSACTION }, b"12345"));
        if place > 0 {
            log.extend(event(*when, COMMIT, b"12345"));
        }
    }
    log
}

/// The folder of a database with these logs, the first of which has this number.
fn database(first: usize, logs: &[Vec<u8>]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut index = String::new();
    for (number, log) in (first..).zip(logs) {
        let name = format!("binlog.{number:06}");
        fs::write(folder.path().join(&name), log).unwrap();
        index.push_str(&format!("./{name}\n"));
    }
    fs::write(folder.path().join("binlog.index"), index).unwrap();
    folder
}

fn copy(database: &TempDir, since: u32, until: u32, target: &Path) -> Output {
    let script = root().join("ansible/roles/backup/files/spymission-binary-logs.py");
    let mut copy = Command::new("python3");
    copy.arg(script).arg(database.path()).args([since.to_string(), until.to_string()]);
    copy.arg(target).output().unwrap()
}

/// What was copied, one text of bytes a file, and what the last one is said to be.
fn copied(database: &TempDir, since: u32, until: u32) -> (Vec<Vec<u8>>, String) {
    let target = TempDir::new().unwrap();
    let said = copy(database, since, until, target.path());
    assert!(said.status.success(), "{said:?}");
    let index = fs::read_to_string(target.path().join("replay.index")).unwrap();
    let files = index.lines().map(|name| fs::read(target.path().join(name)).unwrap()).collect();
    (files, String::from_utf8(said.stdout).unwrap().trim().to_owned())
}

#[test]
fn transactions_that_began_later_are_cut_off() {
    let d = database(1, &[log(&[100, 110, 120]), log(&[130, 140, 150]), log(&[160, 170])]);
    let (files, said) = copied(&d, 159, 140);
    assert_eq!(files, [log(&[100, 110, 120]), log(&[130, 140])]);
    let begin = log(&[100]).len();
    assert_eq!(said, format!("{begin} replay.000002 {}", log(&[130, 140]).len()));
    let (files, said) = copied(&d, 169, 169);
    assert_eq!(files, [log(&[100, 110, 120]), log(&[130, 140, 150])]);
    assert!(said.ends_with(&format!("replay.000002 {}", log(&[130, 140, 150]).len())), "{said}");
    let none = copied(&d, 250, 300);
    assert_eq!(none, (Vec::new(), String::new()));
}

#[test]
fn what_was_written_before_the_backup_is_not_applied_again() {
    let whole = log(&[100, 110, 200, 210]);
    let (files, said) = copied(&database(1, std::slice::from_ref(&whole)), 250, 300);
    assert_eq!(said, format!("{} replay.000001 {}", log(&[100, 110]).len(), whole.len()));
    assert_eq!(files, [whole]);
}

#[test]
fn a_transaction_that_is_not_written_whole_is_left_out() {
    for missing in [3, 24] {
        let mut half = log(&[100, 110, 120]);
        half.truncate(half.len() - missing);
        let (files, _) = copied(&database(1, &[half]), 100, 1_000);
        assert_eq!(files, [log(&[100, 110])], "{missing} bytes");
    }
    let empty = log(&[100, 110]);
    let (files, _) = copied(&database(1, &[empty.clone(), b"\xfebin".to_vec()]), 100, 1_000);
    assert_eq!(files, [empty]);
}

#[test]
fn nothing_from_before_a_restore_is_applied_after_it() {
    let restored = [log(&[100, 110]), event(120, TRANSACTION, b""), event(120, STATEMENT, RESTORE)];
    let after = [event(130, TRANSACTION, b"12345"), event(130, COMMIT, b"12345")];
    let d = database(1, &[[restored.concat(), after.concat()].concat()]);
    let (_, said) = copied(&d, 125, 1_000);
    assert!(said.starts_with(&format!("{} replay.000001 ", restored.concat().len())), "{said}");
    let target = TempDir::new().unwrap();
    let refused = copy(&d, 115, 1_000, target.path());
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("a restore was made"), "{why}");
}

#[test]
fn logs_that_do_not_reach_back_to_the_backup_are_refused() {
    let target = TempDir::new().unwrap();
    let said = copy(&database(7, &[log(&[100, 110])]), 90, 1_000, target.path());
    let why = String::from_utf8(said.stderr).unwrap();
    assert!(!said.status.success() && why.contains("after the backup"), "{why}");
    let said = copy(&database(1, &[b"\xfdbin encrypted".to_vec()]), 90, 1_000, target.path());
    assert!(String::from_utf8(said.stderr).unwrap().contains("encrypted"));
}
