//! The test servers start, can be killed, restart with their data, and leave nothing behind.

use std::time::Duration;

use testkit::process::poll;
use testkit::servers::{MariaDb, Rabbit, Replication, call, database, vhost};

#[test]
fn a_rabbit_that_is_killed_comes_back_with_its_virtual_hosts() {
    let mut rabbit = Rabbit::start().unwrap();
    let url = rabbit.management_url();
    let own = rabbit.vhost();
    assert!(own.amqp_url.starts_with("amqp://guest:guest@127.0.0.1:"));
    assert!(rabbit.amqp_url("/").ends_with("/%2f"));
    assert_eq!(own.connections(), Vec::<String>::new());
    assert_eq!(own.queue("nobody's"), None);

    rabbit.kill();
    assert!(call(&url, "GET", "/api/vhosts", "").is_err());
    rabbit.restart().unwrap();
    let vhosts = call(&url, "GET", "/api/vhosts", "").unwrap();
    assert!(vhosts.body.contains(own.name()), "{}", vhosts.body);
}

#[test]
fn a_mariadb_that_is_killed_comes_back_with_its_rows() {
    let mut mariadb = MariaDb::start().unwrap();
    mariadb.sql("CREATE DATABASE d; CREATE TABLE d.t (n INT); INSERT INTO d.t VALUES (7)").unwrap();
    mariadb.kill();
    assert!(mariadb.sql("SELECT 1").is_err());
    mariadb.restart().unwrap();
    assert_eq!(mariadb.sql("SELECT n FROM d.t").unwrap(), "7");

    std::thread::scope(|scope| {
        mariadb.pause();
        let asked = scope.spawn(|| mariadb.sql("SELECT 1"));
        poll(Duration::from_millis(300), || asked.is_finished().then_some(()));
        assert!(!asked.is_finished(), "a paused server answers nothing");
        mariadb.resume();
        assert_eq!(asked.join().unwrap().unwrap(), "1");
    });
}

#[test]
fn the_shared_nodes_give_everybody_their_own() {
    let (one, two) = (vhost(), vhost());
    assert_ne!(one.amqp_url, two.amqp_url);
    let (one, two) = (database(), database());
    assert_ne!(one.url, two.url);
}

#[test]
fn a_replica_takes_over_with_what_it_has_received_and_the_old_primary_follows_it() {
    let semi = Replication::SemiSynchronous;
    let mut primary = MariaDb::start_replicating(1, semi).unwrap();
    let replica = MariaDb::start_replicating(2, semi).unwrap();
    primary.lead(semi).unwrap();
    replica.follow(primary.port()).unwrap();
    primary.sql("CREATE DATABASE d; CREATE TABLE d.t (n INT); INSERT INTO d.t VALUES (7)").unwrap();
    primary.kill();
    replica.lead(semi).unwrap();
    assert_eq!(replica.sql("SELECT n FROM d.t").unwrap(), "7");

    primary.restart().unwrap();
    assert_eq!(primary.sql("SELECT @@GLOBAL.read_only").unwrap(), "1");
    primary.follow(replica.port()).unwrap();
    replica.sql("INSERT INTO d.t VALUES (8)").unwrap();
    primary.await_applied(&replica.sql("SELECT @@GLOBAL.gtid_binlog_pos").unwrap()).unwrap();
    assert_eq!(primary.sql("SELECT n FROM d.t ORDER BY n").unwrap(), "7\n8");
}

#[test]
fn a_semi_synchronous_primary_answers_no_commit_while_its_replica_is_away() {
    let semi = Replication::SemiSynchronous;
    let primary = MariaDb::start_replicating(1, semi).unwrap();
    let mut replica = MariaDb::start_replicating(2, semi).unwrap();
    primary.lead(semi).unwrap();
    replica.follow(primary.port()).unwrap();
    primary.sql("CREATE DATABASE d; CREATE TABLE d.t (n INT)").unwrap();
    // A replica that dies while it makes a table does not know afterwards whether it has made it.
    let all = primary.sql("SELECT @@gtid_binlog_pos").unwrap();
    let applied = || replica.sql("SELECT @@gtid_slave_pos").is_ok_and(|position| position == all);
    poll(Duration::from_secs(30), || applied().then_some(())).unwrap();
    replica.kill();
    let insert = primary.client();
    let answered = std::thread::spawn(move || insert("INSERT INTO d.t VALUES (7)"));
    poll(Duration::from_millis(1_500), || answered.is_finished().then_some(()));
    assert!(!answered.is_finished(), "the replica has it not");
    assert_eq!(primary.sql("SELECT COUNT(*) FROM d.t").unwrap(), "0", "so nobody sees it");

    replica.restart().unwrap();
    replica.follow(primary.port()).unwrap();
    answered.join().unwrap().unwrap();
    assert_eq!(primary.sql("SELECT n FROM d.t").unwrap(), "7");
}
