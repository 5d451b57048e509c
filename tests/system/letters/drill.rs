//! What an operator does after a bad day: many requests, one in a hundred cannot be stored; the
//! cause is removed, one letter is corrected, all are replayed, and the tool is killed in between.

use lapin::BasicProperties;
use serde_json::json;
use uuid::Uuid;

use super::{arguments, leases_end, letter_of, listed, run, steps};
use crate::amqp_callers::publish;
use crate::caller::Caller;
use crate::process::Process;
use crate::system::{System, eventually};

/// Requested missions, of which every hundredth fails, and how many a message lists: as a gateway
/// does it for ten callers at a time.
const REQUESTS: usize = 10_000;
const EVERY: usize = 100;
const LISTED: usize = 10;

/// The database refuses missions whose ids end with eight zeros.
const FAULT: &str = "CREATE TRIGGER fault BEFORE INSERT ON missions FOR EACH ROW \
    IF RIGHT(NEW.id, 4) = X'00000000' THEN \
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'it is out of order'; END IF";

fn poison() -> Uuid {
    Uuid::from_u128(Uuid::new_v4().as_u128() >> 32 << 32)
}

/// Whether it is the last one, which is no request at all.
async fn publish_all(caller: &Caller) -> Vec<Uuid> {
    let (failing, last) = (REQUESTS / EVERY, REQUESTS - 1);
    let mut ids: Vec<_> = std::iter::repeat_with(Uuid::new_v4).take(REQUESTS).collect();
    for n in 0..failing {
        ids[n * EVERY] = poison();
    }
    ids.swap((failing - 1) * EVERY, last);
    let requests: Vec<_> = ids[..last].chunks(LISTED).collect();
    caller.requests(&requests).await;
    let wrong = BasicProperties::default().with_message_id("wrong".into());
    publish(caller, b"{\"mission\":1}", wrong).await;
    ids
}

#[tokio::test]
async fn all_that_failed_is_listed_corrected_and_replayed_though_the_tool_is_killed() {
    let system = System::new().await;
    sqlx::raw_sql(FAULT).execute(&system.pool).await.unwrap();
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    let ids = publish_all(&caller).await;
    let failed = REQUESTS / EVERY;
    let good = i64::try_from(REQUESTS - failed).unwrap();
    eventually("all letters", async || {
        system.dead_letters().await == i64::try_from(failed).unwrap()
    })
    .await;
    system.await_rows(good).await;
    let groups = listed(&system, &["--groups"]).await;
    assert_eq!(groups.len(), 2, "{groups:?}");
    assert_eq!(groups[0]["open"], failed - 1);

    let (file, wrong) =
        (tempfile::NamedTempFile::new().unwrap(), letter_of(&system, "wrong").await);
    std::fs::write(file.path(), json!({ "missions": [ids[REQUESTS - 1]] }).to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    let (code, said) = run(&system, "edit", &[&wrong, "--body", path, "--as", "ada"]).await;
    assert_eq!(code, 0, "{said}");
    sqlx::raw_sql("DROP TRIGGER fault").execute(&system.pool).await.unwrap();
    let before: Vec<_> = listed(&system, &[]).await;
    assert_eq!(before.len(), failed);

    let all = ["--all", "--rate", "50"];
    let mut tool = Process::start(&arguments(&system, "replay", &all), None);
    eventually("some replays", async || {
        let sql = "SELECT count(*) FROM dead_letter_actions WHERE step = 'published'";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&system.pool).await.unwrap() >= 5
    })
    .await;
    tool.kill();
    leases_end(&system).await;
    let (code, said) = run(&system, "replay", &all).await;
    assert_eq!(code, 0, "{said}");
    system.await_rows(good + i64::try_from(failed).unwrap()).await;
    assert_eq!(system.dead_letters().await, i64::try_from(failed).unwrap(), "no letter came of it");
    for letter in &before {
        let done = steps(&system, letter["id"].as_str().unwrap()).await;
        assert!(done.ends_with(&["replay", "published", "stored"].map(str::to_owned)), "{done:?}");
        assert!(done.len() <= 4, "{done:?}");
    }
}
