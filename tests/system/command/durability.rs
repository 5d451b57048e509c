//! A database that answers commits before they are on the disk: the operator is told.

use super::run;
use crate::outages::{asking, on_own_database};
use crate::system::begins;

/// What a persister says of such a database.
const SAYS: &str = "does not flush each commit";

#[tokio::test]
async fn a_persister_says_at_start_and_after_an_outage_that_commits_are_not_flushed() {
    let (database, system) = on_own_database().await;
    let persister = system.worker("persister");
    let _others = system.all_but(["persister"]);
    let _gateway = system.gateway().await;
    persister.says(begins("persister")).await;
    assert!(!persister.log().contains(SAYS), "MariaDB flushes, unless it is told otherwise");

    database.sql("SET GLOBAL innodb_flush_log_at_trx_commit = 2").unwrap();
    database.pause();
    let caller = asking(&system);
    persister.says("waiting for the database").await;
    database.resume();
    persister.says(SAYS).await;
    assert!(persister.log().contains("innodb_flush_log_at_trx_commit is 2"));
    assert_eq!(caller.await.unwrap().status(), 201);
    assert_eq!(persister.log().matches(SAYS).count(), 1, "once");

    let another = system.worker("persister");
    another.says(begins("persister")).await;
    assert_eq!(another.log().matches(SAYS).count(), 1);
    let (code, said) = run(&[], &["check", "--database", &system.mysql]).await;
    let warning =
        "a crash may lose missions that were answered: innodb_flush_log_at_trx_commit is 2";
    assert!(code == 0 && said.contains(warning), "{said}");
}
