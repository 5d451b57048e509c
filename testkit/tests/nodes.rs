//! The test servers start, can be killed, restart with their data, and leave nothing behind.

use std::time::Duration;

use testkit::process::poll;
use testkit::servers::{MariaDb, Rabbit, call, database, vhost};

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
