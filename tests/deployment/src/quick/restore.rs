//! A restore that is cut, or that something comes between.

use std::fs;

use super::backup::{back_up, backed_up, dump, file, missions, rebuild, restore, said, store};

#[test]
fn a_restore_that_was_cut_anywhere_is_finished_by_the_next() {
    let d = backed_up(20);
    let mut cut_after_exchange = 0;
    for statement in 1.. {
        for schema in ["spymission_restoring", "spymission_replaced"] {
            d.node.sql(&format!("DROP DATABASE IF EXISTS {schema}")).unwrap();
        }
        rebuild(&d);
        d.cut(statement);
        let ended = restore(&d, &[&file(&d)], "");
        let cut = !ended.status.success();
        d.cut(0);
        if cut {
            let again = restore(&d, &[&file(&d)], "");
            let done = said(&again).contains("20 missions stand: nothing was restored");
            assert!(again.status.success() || done, "after {statement}: {}", said(&again));
            assert!(!done || !said(&ended).contains("nothing was changed"), "{}", said(&ended));
            cut_after_exchange += usize::from(done);
        }
        assert_eq!(missions(&d), "21", "after {statement}");
        if !cut {
            assert!(cut_after_exchange > 3, "it ends after {statement} statements");
            break;
        }
    }
}

/// What was put aside stays there, and a load that was cut leaves its schema.
#[test]
fn an_old_restore_and_a_load_that_was_cut_are_not_taken_for_this_restore() {
    let d = backed_up(5);
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

/// The rest of it is done first, and then what was asked for.
#[test]
fn a_restore_that_was_cut_after_its_exchange_does_not_stop_the_next() {
    let d = backed_up(5);
    let exchanged = "SHOW TABLES FROM spymission_replaced LIKE 'exchanged'";
    for statement in 1.. {
        rebuild(&d);
        d.cut(statement);
        let ended = restore(&d, &[&file(&d)], "");
        assert!(!ended.status.success(), "it was not cut between exchange and end");
        d.cut(0);
        if d.sql("operator", exchanged).is_ok_and(|table| table == "exchanged") {
            break;
        }
    }
    let again = restore(&d, &["--replace", &file(&d)], "replace 5 missions\n");
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(missions(&d), "6");
}

#[test]
fn missions_that_come_after_they_were_counted_are_not_replaced() {
    let d = backed_up(5);
    let dump = dump(&d);
    store(&d, 100, 1);
    let refused = d.run(&d.at("etc/restore.sh"), &["swap", "5"], &dump);
    assert!(said(&refused).contains("6 missions stand, not 5"), "{}", said(&refused));
    assert!(!refused.status.success());
    assert_eq!(missions(&d), "7");
}

#[test]
fn what_persisters_store_until_they_stop_is_put_aside_with_the_rest() {
    let d = backed_up(5);
    let insert =
        "INSERT INTO missions VALUES (UNHEX(REPEAT('AB', 16)), 'd', 'o', 't', 'c', '2026-01-01')";
    let client = d.at("etc/client.sh").display().to_string();
    let late = format!("sh {client} mysql --execute \"{insert}\" spymission\n");
    fs::write(d.at("stopping"), late).unwrap();
    let restored = restore(&d, &["--replace", &file(&d)], "replace 5 missions\n");
    assert!(restored.status.success(), "{}", said(&restored));
    let aside = "SELECT COUNT(*) FROM spymission_replaced.missions";
    assert_eq!(d.sql("operator", aside).unwrap(), "7");
}

/// It has stopped the persisters, and nobody has started them since.
#[test]
fn as_many_persisters_return_as_worked_before_a_restore_that_was_killed() {
    let d = backed_up(5);
    rebuild(&d);
    fs::write(d.at("backups/persisters"), "3\n").unwrap();
    fs::write(d.at("replicas"), "0\n").unwrap();
    let restored = restore(&d, &[&file(&d)], "");
    assert!(restored.status.success(), "{}", said(&restored));
    assert_eq!(fs::read_to_string(d.at("replicas")).unwrap(), "3\n");
}

#[test]
fn two_restores_or_two_backups_do_not_run_at_once() {
    let d = backed_up(5);
    let file = file(&d);
    rebuild(&d);
    d.program("flock", "exit 1"); // somebody else has the lock
    for refused in [back_up(&d), restore(&d, &[&file], "")] {
        assert!(!refused.status.success(), "{}", said(&refused));
        assert!(said(&refused).contains("another spymission-"), "{}", said(&refused));
    }
    assert_eq!(missions(&d), "1");
}
