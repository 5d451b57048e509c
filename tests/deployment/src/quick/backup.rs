//! A backup is one that can be restored, and a restore deletes nothing that it was not told to.

use std::fs;
use std::process::{Command, Output};

use schemas::CallerRequest;
use xtask::workspace::root;

use super::database::{DUMP, Deployed};

const SCRIPTS: &str = "ansible/roles/backup/files";

/// Makes this many missions, after those that stand.
pub(super) fn store(d: &Deployed, from: u32, count: u32) {
    let rows: Vec<_> = (from..from + count)
        .map(|n| format!("(X'{n:032x}', 'd', 'o', 't', 'c', '2026-01-01')"))
        .collect();
    d.node.sql(&format!("INSERT INTO spymission.missions VALUES {}", rows.join(", "))).unwrap();
}

/// A new database, as a deployment leaves it: its probe has asked for a mission.
pub(super) fn deployed() -> Deployed {
    let d = Deployed::new();
    d.migrate();
    probe(&d);
    settings(&d, "", "");
    d
}

fn probe(d: &Deployed) {
    let id = CallerRequest::keyed(&"spymission-probe".parse().unwrap()).mission(0);
    let id = id.to_string().replace('-', "");
    let insert = "INSERT INTO spymission.missions VALUES";
    d.node.sql(&format!("{insert} (X'{id}', 'd', 'o', 't', 'c', '2026-01-01')")).unwrap();
}

fn settings(d: &Deployed, key_file: &str, copy: &str) {
    let text = format!(
        "BACKUP_STACK=spymission\nBACKUP_DIRECTORY={}\nBACKUP_KEEP=2\nBACKUP_KEY_FILE={key_file}\n\
         BACKUP_COPY={copy}\n",
        d.at("backups").display()
    );
    fs::write(d.at("settings"), text).unwrap();
}

pub(super) fn back_up(d: &Deployed) -> Output {
    d.run(&root().join(SCRIPTS).join("spymission-backup.sh"), &[], "")
}

/// A deployment with so many missions and a backup of them.
pub(super) fn backed_up(count: u32) -> Deployed {
    let d = deployed();
    store(&d, 1, count);
    let made = back_up(&d);
    assert!(made.status.success(), "{}", said(&made));
    d
}

pub(super) fn file(d: &Deployed) -> String {
    let files =
        fs::read_dir(d.at("backups")).unwrap().map(|e| e.unwrap().path().display().to_string());
    files.filter(|name| name.contains("missions-")).max().unwrap()
}

/// The names in the folder of backups.
fn left(d: &Deployed) -> Vec<String> {
    let names = fs::read_dir(d.at("backups")).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// The last backup, unpacked.
pub(super) fn dump(d: &Deployed) -> String {
    let unpack = format!("gzip --decompress --stdout {}", file(d));
    let unpacked = Command::new("sh").args(["-c", &unpack]).output().unwrap();
    String::from_utf8(unpacked.stdout).unwrap()
}

pub(super) fn restore(d: &Deployed, arguments: &[&str], typed: &str) -> Output {
    d.run(&root().join(SCRIPTS).join("spymission-restore.sh"), arguments, typed)
}

pub(super) fn missions(d: &Deployed) -> String {
    d.sql("operator", "SELECT COUNT(*) FROM missions").unwrap()
}

/// The database is lost and made anew: it holds the probe's mission only.
pub(super) fn rebuild(d: &Deployed) {
    d.node
        .sql("DROP DATABASE spymission; CREATE DATABASE spymission CHARACTER SET utf8mb4")
        .unwrap();
    d.migrate();
    probe(d);
}

pub(super) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_database_that_was_made_anew_gets_its_missions_back_with_persisters_stopped() {
    let d = deployed();
    store(&d, 1, 500);
    let kept = back_up(&d);
    assert!(kept.status.success() && said(&kept).contains(" 501 missions"), "{}", said(&kept));
    rebuild(&d);
    fs::write(d.at("docker"), "").unwrap();
    let restored = restore(&d, &[&file(&d)], "");
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(missions(&d), "501");
    let docker = fs::read_to_string(d.at("docker")).unwrap();
    let of = |words: &str| docker.find(words).unwrap_or_else(|| panic!("no {words} in {docker}"));
    let (stop, swap) = (of("scale spymission_persister=0"), of("restore.sh swap"));
    assert!(stop < swap && swap < of("scale --detach spymission_persister=3"), "{docker}");
    assert_eq!(d.node.sql("SHOW DATABASES LIKE 'spymission_%'").unwrap(), "");
}

#[test]
fn a_database_that_does_not_answer_is_not_taken_for_an_empty_one() {
    let d = backed_up(5);
    store(&d, 100, 1);
    let is_there = "= 'spymission' AND table_name = 'missions'";
    // To anything, to whether there is a table, to how many missions stand in it.
    for question in ["", is_there, "FROM spymission.missions"] {
        fs::write(d.at("away"), question).unwrap();
        let refused = restore(&d, &[&file(&d)], "");
        assert!(!refused.status.success(), "{question}: {}", said(&refused));
        assert!(!said(&refused).contains("missions stand"), "{question}: {}", said(&refused));
        fs::remove_file(d.at("away")).unwrap();
        assert_eq!(missions(&d), "7", "{question}");
    }
}

#[test]
fn missions_that_stand_are_put_aside_only_after_their_number_was_typed() {
    let d = backed_up(5);
    store(&d, 100, 3);
    let file = file(&d);
    for (arguments, typed) in [
        (vec![file.as_str()], ""),
        (vec!["--replace", &file], "yes\n"),
        (vec!["--replace", &file], "replace 9 missions\n"),
    ] {
        let refused = restore(&d, &arguments, typed);
        assert!(
            !refused.status.success() && said(&refused).contains("nothing was restored"),
            "{typed}"
        );
        assert_eq!(missions(&d), "9");
    }
    let restored = restore(&d, &["--replace", &file], "replace 8 missions\n");
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(missions(&d), "6");
    let aside = "SELECT COUNT(*) FROM spymission_replaced.missions";
    assert_eq!(d.sql("operator", aside).unwrap(), "9");
}

#[test]
fn a_backup_that_is_tried_disturbs_no_restore() {
    let d = deployed();
    store(&d, 1, 5);
    d.node
        .sql("CREATE DATABASE spymission_restoring; CREATE TABLE spymission_restoring.half (n INT)")
        .unwrap();
    assert!(back_up(&d).status.success());
    assert_eq!(d.sql("operator", "SHOW TABLES FROM spymission_restoring").unwrap(), "half");
    assert_eq!(d.node.sql("SHOW DATABASES LIKE 'spymission_checking'").unwrap(), "");
}

#[test]
fn a_backup_that_holds_less_than_what_stood_is_none() {
    let d = backed_up(5);
    let dump = dump(&d);
    let check = |before, after| d.run(&d.at("etc/restore.sh"), &["check", before, after], &dump);
    for (before, after) in [("6", "6"), ("5", "9"), ("9", "5")] {
        assert_eq!(said(&check(before, after)).trim(), "6", "{before} and {after}");
    }
    for (before, after) in [("7", "9"), ("9", "7"), ("3", "5")] {
        let refused = check(before, after);
        assert!(!refused.status.success(), "{before} and {after}");
        assert!(said(&refused).contains("the backup holds 6 missions"), "{}", said(&refused));
    }
    d.program("mysqldump", &format!("{DUMP} --where=FALSE"));
    let refused = back_up(&d);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("the backup holds 0 missions"), "{}", said(&refused));
}

#[test]
fn half_a_backup_is_not_restored() {
    let d = backed_up(5);
    let whole = dump(&d);
    let half = whole.split_once("-- Dump completed").unwrap().0;
    rebuild(&d);
    let refused = d.run(&d.at("etc/restore.sh"), &["swap", "0"], half);
    assert!(said(&refused).contains("not complete: nothing was changed"), "{}", said(&refused));
    assert!(!refused.status.success());
    fs::write(d.at("half.sql"), half).unwrap();
    let pack = format!("gzip {}", d.at("half.sql").display());
    assert!(Command::new("sh").args(["-c", &pack]).status().unwrap().success());
    fs::write(d.at("docker"), "").unwrap();
    let refused = restore(&d, &[&d.at("half.sql.gz").display().to_string()], "");
    assert!(said(&refused).contains("half.sql.gz is not complete"), "{}", said(&refused));
    let docker = fs::read_to_string(d.at("docker")).unwrap();
    assert!(!docker.contains("scale"), "no persister was stopped: {docker}");
    assert_eq!(missions(&d), "1");
}

#[test]
fn half_a_dump_is_no_backup_and_leaves_nothing() {
    let d = deployed();
    d.program("mysqldump", &format!("{DUMP} | head -n -3"));
    let refused = back_up(&d);
    assert!(!refused.status.success() && said(&refused).contains("is not complete"), "{refused:?}");
    assert_eq!(left(&d), [".backup"]); // the lock
}

#[test]
fn a_backup_is_encrypted_brought_elsewhere_and_of_limited_number() {
    let d = deployed();
    store(&d, 1, 5);
    fs::write(d.at("key"), "not to be guessed\n").unwrap();
    let copy = d.program("elsewhere", "cp \"$1\" AT/etc");
    settings(&d, &d.at("key").display().to_string(), &copy.display().to_string());
    for day in 1..=3 {
        fs::write(d.at("backups").join(format!("missions-2020010{day}T000000Z.sql.gz.enc")), "")
            .unwrap();
    }
    let old = d.at("backups/old"); // of somebody, and not counted
    fs::create_dir(&old).unwrap();
    for year in 2021..=2023 {
        fs::write(old.join(format!("missions-{year}0101T000000Z.sql.gz.enc")), "").unwrap();
    }
    let kept = back_up(&d);
    assert!(kept.status.success(), "{}", said(&kept));
    assert_eq!(left(&d).len(), 4, "two, the lock, and a folder");
    assert_eq!(fs::read_dir(old).unwrap().count(), 3);
    let name = file(&d);
    let text = fs::read(&name).unwrap();
    assert!(text.starts_with(b"Salted__") && name.ends_with(".enc"), "{name}");
    assert!(d.at("etc").join(name.rsplit('/').next().unwrap()).is_file());
    rebuild(&d);
    assert!(restore(&d, &[&name], "").status.success());
    assert_eq!(missions(&d), "6");
    d.program("elsewhere", "exit 1");
    assert!(!back_up(&d).status.success(), "a copy that failed is no backup");
}
