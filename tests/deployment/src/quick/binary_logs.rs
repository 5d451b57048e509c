//! What a backup of a moment takes from the binary logs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use xtask::workspace::root;

/// Types of events: the one that begins a log, the one that begins a transaction, and its row.
const LOG: u8 = 15;
const TRANSACTION: u8 = 34;
const ROW: u8 = 30;

/// An event with a body of 5 bytes.
fn event(when: u32, kind: u8) -> Vec<u8> {
    let (server, length, next) = (1_u32, 24_u32, 0_u32);
    let mut event = when.to_le_bytes().to_vec();
    event.push(kind);
    for number in [server, length, next] {
        event.extend(number.to_le_bytes());
    }
    event.extend([0; 2 + 5]);
    event
}

/// A log that was begun at the first time, with a transaction at each of the others.
fn log(times: &[u32]) -> Vec<u8> {
    let mut log = b"\xfebin".to_vec();
    for (place, when) in times.iter().enumerate() {
        log.extend(event(*when, if place == 0 { LOG } else { TRANSACTION }));
        if place > 0 {
            log.extend(event(*when, ROW));
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
    let (files, last) = copied(&d, 159, 140);
    assert_eq!(files, [log(&[100, 110, 120]), log(&[130, 140])]);
    assert_eq!(last, format!("replay.000002 {}", log(&[130, 140]).len()));
    let (files, _) = copied(&d, 190, 1_000);
    assert_eq!(files, [log(&[130, 140, 150]), log(&[160, 170])]);
    let (files, last) = copied(&d, 220, 169);
    assert_eq!((files, last.as_str()), (vec![log(&[160])], "replay.000001 28"));
}

#[test]
fn an_event_that_is_not_written_yet_is_left_out() {
    let mut half = log(&[100, 110, 120]);
    half.truncate(half.len() - 3);
    let (files, _) = copied(&database(1, &[half.clone()]), 100, 1_000);
    assert_eq!(files, [&half[..half.len() - 21]]);
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
