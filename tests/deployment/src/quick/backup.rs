//! A backup is one that can be restored, and a restore deletes nothing that it was not told to.

use std::fs;
use std::process::Output;

use schemas::CallerRequest;
use xtask::workspace::root;

use super::database::Deployed;

const SCRIPTS: &str = "ansible/roles/backup/files";

/// Makes this many missions, after those that stand.
fn store(d: &Deployed, from: u32, count: u32) {
    let rows: Vec<_> = (from..from + count)
        .map(|n| format!("(X'{n:032x}', 'd', 'o', 't', 'c', '2026-01-01')"))
        .collect();
    d.node.sql(&format!("INSERT INTO spymission.missions VALUES {}", rows.join(", "))).unwrap();
}

/// A new database, as a deployment leaves it: its probe has asked for a mission.
fn deployed() -> Deployed {
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

fn back_up(d: &Deployed) -> Output {
    d.run(&root().join(SCRIPTS).join("spymission-backup.sh"), &[], "")
}

fn file(d: &Deployed) -> String {
    let files =
        fs::read_dir(d.at("backups")).unwrap().map(|e| e.unwrap().path().display().to_string());
    files.filter(|name| name.contains("missions-")).max().unwrap()
}

fn restore(d: &Deployed, arguments: &[&str], typed: &str) -> Output {
    d.run(&root().join(SCRIPTS).join("spymission-restore.sh"), arguments, typed)
}

fn missions(d: &Deployed) -> String {
    d.sql("operator", "SELECT COUNT(*) FROM missions").unwrap()
}

/// The database is lost and made anew: it holds the probe's mission only.
fn rebuild(d: &Deployed) {
    d.node
        .sql("DROP DATABASE spymission; CREATE DATABASE spymission CHARACTER SET utf8mb4")
        .unwrap();
    d.migrate();
    probe(d);
}

fn said(output: &Output) -> String {
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
    assert_eq!(d.sql("operator", "SHOW DATABASES LIKE 'spymission_%'").unwrap(), "");
}

#[test]
fn a_database_that_does_not_answer_is_not_taken_for_an_empty_one() {
    let d = deployed();
    store(&d, 1, 5);
    assert!(back_up(&d).status.success());
    fs::write(d.at("away"), "").unwrap();
    let refused = restore(&d, &[&file(&d)], "");
    assert!(!refused.status.success(), "{}", said(&refused));
    fs::remove_file(d.at("away")).unwrap();
    assert_eq!(missions(&d), "6");
}

#[test]
fn missions_that_stand_are_put_aside_only_after_their_number_was_typed() {
    let d = deployed();
    store(&d, 1, 5);
    assert!(back_up(&d).status.success());
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
fn a_restore_that_was_cut_anywhere_is_finished_by_the_next() {
    let d = deployed();
    store(&d, 1, 20);
    assert!(back_up(&d).status.success());
    for statement in 1.. {
        d.node.sql("TRUNCATE spymission.missions").unwrap();
        probe(&d);
        d.cut(statement);
        let cut = !restore(&d, &[&file(&d)], "").status.success();
        d.cut(0);
        if cut {
            let again = restore(&d, &[&file(&d)], "");
            let done = said(&again).contains("20 missions stand: nothing was restored");
            assert!(again.status.success() || done, "after {statement}: {}", said(&again));
        }
        assert_eq!(missions(&d), "21", "after {statement}");
        if !cut {
            assert!(statement > 10, "it ends after {statement} statements");
            break;
        }
    }
}

/// What was put aside stays there, and a load that was cut leaves its schema.
#[test]
fn an_old_restore_and_a_load_that_was_cut_are_not_taken_for_this_restore() {
    let d = deployed();
    store(&d, 1, 5);
    assert!(back_up(&d).status.success());
    let replaced = restore(&d, &["--replace", &file(&d)], "replace 5 missions\n");
    assert!(replaced.status.success(), "{}", said(&replaced));
    d.node.sql("CREATE DATABASE spymission_restoring").unwrap();
    rebuild(&d);
    let refused = restore(&d, &[&file(&d)], "");
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("move or remove it first"), "{}", said(&refused));
    d.node.sql("DROP DATABASE spymission_replaced").unwrap();
    assert!(restore(&d, &[&file(&d)], "").status.success());
    assert_eq!(missions(&d), "6");
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
    assert_eq!(d.sql("operator", "SHOW DATABASES LIKE 'spymission_checking'").unwrap(), "");
}

#[test]
fn a_backup_that_holds_less_than_what_stood_is_none() {
    let d = deployed();
    store(&d, 1, 5);
    assert!(back_up(&d).status.success());
    let unpack = format!("gzip --decompress --stdout {}", file(&d));
    let dump = std::process::Command::new("sh").args(["-c", &unpack]).output().unwrap().stdout;
    let dump = String::from_utf8(dump).unwrap();
    let check = |before, after| d.run(&d.at("etc/restore.sh"), &["check", before, after], &dump);
    for (before, after) in [("6", "6"), ("5", "9"), ("9", "5")] {
        assert_eq!(said(&check(before, after)).trim(), "6", "{before} and {after}");
    }
    for (before, after) in [("7", "9"), ("9", "7"), ("3", "5")] {
        let refused = check(before, after);
        assert!(!refused.status.success(), "{before} and {after}");
        assert!(said(&refused).contains("the backup holds 6 missions"), "{}", said(&refused));
    }
}

#[test]
fn half_a_backup_is_not_restored() {
    let d = deployed();
    store(&d, 1, 5);
    assert!(back_up(&d).status.success());
    let unpack = format!("gzip --decompress --stdout {} | head -n -3", file(&d));
    let half = std::process::Command::new("sh").args(["-c", &unpack]).output().unwrap().stdout;
    rebuild(&d);
    let half = String::from_utf8(half).unwrap();
    let refused = d.run(&d.at("etc/restore.sh"), &["swap", "0"], &half);
    assert!(said(&refused).contains("not complete: nothing was changed"), "{}", said(&refused));
    assert!(!refused.status.success());
    assert_eq!(missions(&d), "1");
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
    let kept = back_up(&d);
    assert!(kept.status.success(), "{}", said(&kept));
    let kept = fs::read_dir(d.at("backups")).unwrap();
    let kept = kept.filter(|e| e.as_ref().unwrap().file_name() != ".backup"); // the lock
    assert_eq!(kept.count(), 2);
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
