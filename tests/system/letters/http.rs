//! Operators act on dead letters over HTTP: what they are told, and what is recorded.

mod midway;

use lapin::BasicProperties;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{STORED, late, letter_of, steps};
use crate::amqp_callers::publish;
use crate::caller::Caller;
use crate::http::{Said, get, request, send};
use crate::judge::conforms;
use crate::process::Process;
use crate::system::{System, eventually};

const PATH: &str = "/operations/dead-letters";

/// A system whose every request so far is a letter.
struct Bad {
    system: System,
    missions: Vec<Uuid>,
    /// In the order of the missions.
    letters: Vec<String>,
    gateway: Process,
    _workers: Vec<Process>,
}

impl Bad {
    /// So many letters, which are stored when they are replayed.
    async fn day(late_ones: usize) -> Self {
        let bad = Self::on(System::new().await).await;
        let caller = Caller::connect(&bad.system).await;
        let missions: Vec<_> = std::iter::repeat_with(Uuid::new_v4).take(late_ones).collect();
        for mission in &missions {
            late(&caller, *mission).await;
        }
        let all = i64::try_from(late_ones).unwrap();
        eventually("the letters", async || bad.system.dead_letters().await == all).await;
        bad.with(missions).await
    }

    /// No letter yet.
    async fn on(system: System) -> Self {
        let (workers, gateway) = (system.all_workers(), system.gateway().await);
        Self { system, missions: Vec::new(), letters: Vec::new(), gateway, _workers: workers }
    }

    /// The letters of these missions are there.
    async fn with(mut self, missions: Vec<Uuid>) -> Self {
        for mission in &missions {
            self.letters.push(letter_of(&self.system, &mission.to_string()).await);
        }
        Self { missions, ..self }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{PATH}{path}", self.system.gateway)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        request("POST", &self.url(path)).json(body)
    }

    /// Reads what becomes of an order until it has ended.
    async fn record(&self, begun: &Said) -> Value {
        let url = format!("{}{}", self.system.gateway, begun.json()["location"].as_str().unwrap());
        let mut record = Value::Null;
        eventually("the end of the order", async || {
            let said = get(&url).await;
            conforms("GET", "/operations/dead-letters/actions/{batch}", &said);
            record = said.json();
            record["ended"] == true
        })
        .await;
        record
    }
}

fn meant(letters: &[String]) -> Value {
    letters.iter().map(|id| json!({ "id": id, "number": 0 })).collect()
}

#[tokio::test]
async fn listed_letters_are_replayed_and_each_is_followed_to_its_row() {
    let bad = Bad::day(3).await;
    let list = get(&bad.url("?reason=expired&limit=2")).await;
    conforms("GET", PATH, &list);
    let (list, next) = (list.json(), list.header("link").to_owned());
    assert_eq!(list["letters"].as_array().unwrap().len(), 2, "{list}");
    let rest = bad.url(&format!("?reason=expired&cursor={}", list["next"].as_str().unwrap()));
    assert_eq!(get(&rest).await.json()["letters"].as_array().unwrap().len(), 1);
    assert!(next.contains("reason=expired") && next.ends_with("rel=\"next\""), "{next}");
    let groups = get(&bad.url("/groups")).await;
    conforms("GET", "/operations/dead-letters/groups", &groups);
    assert_eq!(groups.json()["groups"][0]["open"], 3, "{groups:?}");

    let order = |dry_run: bool| {
        json!({
            "letters": meant(&bad.letters), "limit": 2, "rate": 100, "dry_run": dry_run, "who": "ada",
        })
    };
    let dry = send(bad.post("/replay", &order(true))).await;
    conforms("POST", "/operations/dead-letters/replay", &dry);
    assert_eq!((dry.status, dry.json()["letters"].as_array().unwrap().len()), (200, 2));
    let begun = send(bad.post("/replay", &order(false))).await;
    conforms("POST", "/operations/dead-letters/replay", &begun);
    assert_eq!(
        (begun.status, begun.header("location")),
        (202, begun.json()["location"].as_str().unwrap())
    );
    let record = bad.record(&begun).await;
    assert_eq!(record["summary"], "2 of 2 stored; 0 set aside again", "{record}");
    assert_eq!(record["letters"][0]["missions"], json!([bad.missions[0]]), "{record}");
    assert!(bad.system.row(bad.missions[1]).await.is_some());
    for (letter, expected) in bad.letters.iter().zip([&STORED[..], &STORED, &[]]) {
        assert_eq!(steps(&bad.system, letter).await, expected);
    }
    let shown = get(&bad.url(&format!("/{}", bad.letters[0]))).await;
    conforms("GET", "/operations/dead-letters/{letter}", &shown);
    assert_eq!(shown.json()["actions"][2]["who"], "ada", "{shown:?}");
}

#[tokio::test]
async fn two_operators_who_replay_the_same_letters_at_once_make_one_replay_of_each() {
    let bad = Bad::day(2).await;
    let order = |who: &str| json!({ "letters": meant(&bad.letters), "who": who });
    let (ada, bob) = tokio::join!(
        send(bad.post("/replay", &order("ada"))),
        send(bad.post("/replay", &order("bob")))
    );
    let records = [bad.record(&ada).await, bad.record(&bob).await];
    let stored = records.iter().map(|record| record["stored"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(stored, 2, "{records:?}");
    for letter in &bad.letters {
        assert_eq!(steps(&bad.system, letter).await, STORED, "{records:?}");
    }
}

#[tokio::test]
async fn an_order_that_is_sent_twice_does_nothing_twice() {
    let bad = Bad::day(2).await;
    let id = "019abc00-1111-7222-8333-444455556600";
    for path in ["/replay", "/replay"] {
        let order = json!({ "letters": meant(&bad.letters[..1]), "id": id });
        let record = bad.record(&send(bad.post(path, &order)).await).await;
        assert_eq!(record["summary"], "1 of 1 stored; 0 set aside again", "{record}");
    }
    assert_eq!(steps(&bad.system, &bad.letters[0]).await, STORED);
    for _ in 0..2 {
        let order = json!({ "letters": meant(&bad.letters[1..]), "id": "019abc00-1111-7222-8333-444455556700" });
        let done = send(bad.post("/discard", &order)).await;
        conforms("POST", "/operations/dead-letters/discard", &done);
        let record = bad.record(&done).await;
        assert_eq!(record["summary"], "1 of 1 discarded", "{record}");
    }
    assert_eq!(steps(&bad.system, &bad.letters[1]).await, ["discard"]);
    let late = json!({ "letters": meant(&bad.letters) });
    let left = bad.record(&send(bad.post("/replay", &late)).await).await;
    assert_eq!(left["summary"], "0 of 2 stored; 0 set aside again; 2 left alone", "{left}");
}

#[tokio::test]
async fn a_correction_names_what_is_wrong_and_is_replayed_when_it_is_right() {
    let bad = Bad::day(0).await;
    let caller = Caller::connect(&bad.system).await;
    let body: Vec<u8> = (0..=u8::MAX).cycle().take(300 * 1024).collect();
    publish(&caller, &body, BasicProperties::default().with_message_id("wrong".into())).await;
    eventually("the letter", async || bad.system.dead_letters().await == 1).await;
    let letter = letter_of(&bad.system, "wrong").await;
    let shown = get(&bad.url(&format!("/{letter}"))).await;
    conforms("GET", "/operations/dead-letters/{letter}", &shown);
    let shown = shown.json();
    assert_eq!(shown["size"], 300 * 1024);
    assert_eq!(shown["body"]["hex"].as_str().unwrap().len(), 2 * 64 * 1024);

    let edit = format!("/{letter}/edit");
    let wrong = send(bad.post(&edit, &json!({ "body": "{\"missions\":[]}" }))).await;
    conforms("POST", "/operations/dead-letters/{letter}/edit", &wrong);
    assert_eq!((wrong.status, wrong.problem().as_str()), (422, "invalid"));
    assert!(wrong.detail().contains("`body`") && wrong.detail().contains("missions"), "{wrong:?}");
    let mission = Uuid::new_v4();
    let right = json!({ "body": json!({ "missions": [mission] }).to_string(), "number": 0 });
    let begun = send(bad.post(&edit, &right)).await;
    conforms("POST", "/operations/dead-letters/{letter}/edit", &begun);
    let record = bad.record(&begun).await;
    assert_eq!(record["letters"][0]["missions"], json!([mission]), "{record}");
    assert!(bad.system.row(mission).await.is_some());
    assert_eq!(steps(&bad.system, &letter).await, ["edit", "replay", "published", "stored"]);
}

#[tokio::test]
async fn a_replay_that_dies_again_names_its_next_letter() {
    let bad = Bad::day(0).await;
    let caller = Caller::connect(&bad.system).await;
    publish(&caller, b"[]", BasicProperties::default().with_message_id("wrong".into())).await;
    eventually("the letter", async || bad.system.dead_letters().await == 1).await;
    let letter = letter_of(&bad.system, "wrong").await;
    let order = json!({ "letters": [{ "id": letter }] });
    let record = bad.record(&send(bad.post("/replay", &order)).await).await;
    assert_eq!(record["summary"], "0 of 1 stored; 1 set aside again", "{record}");
    let next = record["letters"][0]["next"].as_str().unwrap();
    let next = get(&bad.url(&format!("/{next}"))).await.json();
    assert_eq!(next["state"], "waiting", "{next}");
}

#[tokio::test]
async fn wrong_orders_are_refused_and_pages_of_other_sites_may_not_act() {
    let bad = Bad::day(1).await;
    let id = &bad.letters[0];
    for (path, body, status, names) in [
        ("/replay", json!({ "letters": [] }), 422, "`letters`"),
        ("/replay", json!({ "letters": [{ "id": id }], "rate": 0 }), 422, "`rate`"),
        ("/discard", json!({ "all": true }), 422, "all"),
        ("/replay?force=1", json!({ "letters": [{ "id": id }] }), 400, "`force`"),
    ] {
        let said = send(bad.post(path, &body)).await;
        conforms("POST", &format!("{PATH}{}", path.split('?').next().unwrap()), &said);
        assert!(said.status == status && said.detail().contains(names), "{said:?}");
    }
    let order = json!({ "letters": [{ "id": id }] });
    for path in ["/replay", "/discard"] {
        let foreign = bad.post(path, &order).header("sec-fetch-site", "cross-site");
        assert_eq!(send(foreign).await.problem(), "cross-site");
    }
    for path in ["/no-id", "/actions/no-id", "?groups=1", "/groups?limit=1", "?text="] {
        let said = get(&bad.url(path)).await;
        assert!([400, 422].contains(&said.status), "{said:?}");
    }
    let nobody = get(&bad.url(&format!("/{}", Uuid::new_v4()))).await;
    assert_eq!(nobody.problem(), "not-found");
    assert!(steps(&bad.system, id).await.is_empty(), "nothing was done");
}

#[tokio::test]
async fn without_the_database_nothing_is_done_and_it_is_said() {
    let bad = Bad::day(1).await;
    let rename = async |from: &str, to: &str| {
        let sql = format!("RENAME TABLE {from} TO {to}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&bad.system.pool).await.unwrap();
    };
    rename("dead_letters", "lost").await;
    let list = get(&bad.url("")).await;
    conforms("GET", PATH, &list);
    let order = json!({ "letters": meant(&bad.letters) });
    let refused = send(bad.post("/replay", &order)).await;
    conforms("POST", "/operations/dead-letters/replay", &refused);
    assert_eq!((list.status, refused.status), (503, 503));
    eventually("the verdict", async || {
        let state = get(&format!("{}/operations", bad.system.gateway)).await.json();
        let said = state["verdict"]["text"].as_str().unwrap().to_owned();
        said.starts_with("The table of dead letters cannot be read")
    })
    .await;
    rename("lost", "dead_letters").await;
    assert!(steps(&bad.system, &bad.letters[0]).await.is_empty());
}
