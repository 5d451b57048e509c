//! Old rows, and the services that delete them. Texts in SQL are in double quotes, for a shell.

use std::time::{Duration, Instant};

use crate::composition::Composition;
use crate::docker::inspect;
use crate::facts::expect;
use xtask::Failure;

/// Makes missions of long ago from those that stand, more than one statement deletes, and one of a
/// month ago; and two letters, of which one was discarded.
pub(crate) const MAKE: &str = "\
    INSERT INTO missions (id, dossier, objective, target, casebook, created_at) \
    SELECT UNHEX(LEFT(SHA2(id, 256), 32)), dossier, objective, target, casebook, \"2020-01-01\" \
    FROM missions LIMIT 700; \
    INSERT INTO missions (id, dossier, objective, target, casebook, created_at) \
    VALUES (REPEAT(\"y\", 16), \"young\", \"Follow\", \"time\", \"young\", NOW() - INTERVAL 30 DAY); \
    INSERT INTO dead_letters (id, last_at, reason, pattern, role, tries, properties, size, body) \
    VALUES (REPEAT(\"o\", 16), \"2020-01-01\", \"old\", \"old\", \"decider\", 1, \"{}\", 0, \"\"), \
    (REPEAT(\"p\", 16), \"2020-01-01\", \"open\", \"open\", \"decider\", 1, \"{}\", 0, \"\"); \
    INSERT INTO dead_letter_actions (letter, number, id, step, who, at) \
    VALUES (REPEAT(\"o\", 16), 1, REPEAT(\"a\", 16), \"discard\", \"ada\", \"2020-01-01\")";

/// How many missions, letters and actions of long ago there are, and missions of a month ago.
pub(crate) const COUNT: &str = "\
    SELECT CONCAT_WS(\" \", (SELECT COUNT(*) FROM missions WHERE created_at < \"2021-01-01\"), \
    (SELECT COUNT(*) FROM dead_letters WHERE last_at < \"2021-01-01\"), \
    (SELECT COUNT(*) FROM dead_letter_actions WHERE at < \"2021-01-01\"), \
    (SELECT COUNT(*) FROM missions WHERE casebook = \"young\"))";

/// The counts before and after: the letter that nobody has decided about stays, and the mission that is
/// younger than 90 days.
pub(crate) const BEFORE: &str = "700 2 1 1";
/// See [`BEFORE`].
pub(crate) const AFTER: &str = "0 1 0 1";

/// Removes what is left.
pub(crate) const CLEAR: &str = "\
    DELETE FROM dead_letters WHERE reason = \"open\"; DELETE FROM missions WHERE casebook = \"young\"";

/// How long the services may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The services of Compose.
const SERVICES: [&str; 2] = ["prune", "prune-letters"];

/// They delete what is old, nothing else, and go on.
pub(crate) async fn deletes(c: &Composition) -> Result<String, Failure> {
    c.sql("operator", MAKE).await?;
    let (before, old) = (c.rows().await?, c.sql("operator", COUNT).await?);
    expect(old.trim() == BEFORE, || format!("made {old}"))?;
    let profile = ["--profile", "prune"];
    c.compose(&[&profile[..], &["up", "--detach"], &SERVICES].concat()).await?;
    let begun = Instant::now();
    loop {
        let left = c.sql("operator", COUNT).await?;
        if left.trim() == AFTER {
            break;
        }
        expect(begun.elapsed() < PATIENCE, || format!("left: {left}"))?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let gone = before - c.rows().await?;
    expect(gone == 700, || format!("{gone} missions were deleted"))?;
    for service in SERVICES {
        let container = c.container(service).await?;
        let state = inspect(&container, "{{.State.Running}} {{.RestartCount}}").await?;
        expect(state == "true 0", || format!("{service}: {state}"))?;
    }
    c.compose(&[&profile[..], &["rm", "--stop", "--force"], &SERVICES].concat()).await?;
    c.sql("operator", CLEAR).await?;
    Ok("700 old missions and a discarded letter; younger ones and an open letter stay".into())
}
