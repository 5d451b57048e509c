//! Over AMQP: many missions, interruptions, a broker that goes away, and replies in parts.

use serde_json::Value;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::fake_decider::FakeDecider;
use super::{Asking, doors, lines};
use crate::outages::on_own_broker;
use crate::rules::assert_follows_the_rules;
use crate::system::{System, id};

#[tokio::test]
async fn there_are_as_many_lines_as_missions_over_http_and_amqp() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    for door in doors(&system) {
        let asking = Asking::piped(&[&door[..], &["--count", "10000"]].concat(), "wc -l");
        let (code, counted, errors) = asking.ended().await;
        assert_eq!((code, counted.trim(), &*errors), (0, "10000", ""), "{door:?}");
    }
    system.await_rows(20_000).await;
}

#[tokio::test]
async fn every_format_shows_what_is_stored() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    for door in doors(&system) {
        let ask = async |format: &str, count: &str| {
            let flags = ["--format", format, "--count", count];
            let (code, output, errors) = Asking::start(&[&door[..], &flags].concat()).ended().await;
            assert_eq!((code, &*errors), (0, ""));
            output
        };
        let json = ask("json", "3").await;
        for mission in lines(&json) {
            let mission: Value = serde_json::from_str(mission).unwrap();
            assert_follows_the_rules(&mission);
            system.stands(&mission).await;
        }
        let csv = ask("csv", "1").await;
        let mut rows = csv::Reader::from_reader(csv.as_bytes());
        let columns = ["id", "dossier", "objective", "target", "casebook", "created_at"];
        assert_eq!(rows.headers().unwrap(), columns.as_slice());
        let row: Vec<_> = rows.records().map(Result::unwrap).collect();
        let [row] = row.as_slice() else { panic!("{csv}") };
        system.stands(&columns.iter().zip(row).map(|(name, value)| (*name, value)).collect()).await;
        let table = ask("table", "1").await;
        let wanted = system.row(table[..36].parse().unwrap()).await.unwrap();
        let [dossier, objective, target] = wanted;
        assert_eq!(table[38..], format!("{dossier:<29}  {objective} {target}\n"));
    }
}

#[tokio::test]
async fn an_interruption_leaves_whole_lines_and_the_key_gets_the_rest() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let flags = ["--broker", &system.amqp, "--count", "20000"];
    for (signal, key) in [("INT", Some("mine")), ("TERM", None)] {
        let asking =
            Asking::start(&[&flags[..], &key.map_or(vec![], |k| vec!["--key", k])].concat());
        asking.prints().await;
        asking.signal(signal);
        let (code, first, errors) = asking.ended().await;
        assert_eq!(code, 130, "{errors}");
        let came: usize = between(&errors, "interrupted. ", " of 20,000").parse().unwrap();
        assert_eq!(came, lines(&first).len(), "{errors}");
        assert!(came < 20_000 && errors.contains("not yet answered"), "{errors}");
        let told = between(&errors, "--count 20000 --key ", " prints the same");
        assert!(key.is_none_or(|key| key == told), "{errors}");
        let again = Asking::start(&[&flags[..], &["--key", &told]].concat()).ended().await;
        assert_eq!((again.0, &*again.2), (0, ""));
        let all = lines(&again.1);
        assert_eq!(all.len(), 20_000);
        assert!(lines(&first).is_subset(&all), "the same key, the same missions");
    }
    system.await_rows(40_000).await;
}

#[tokio::test]
async fn a_key_means_the_same_missions_over_http_and_amqp() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let [broker, url] = doors(&system);
    let mut told = Vec::new();
    for door in [broker, url, url, broker] {
        let flags = ["--count", "600", "--key", "either-door", "--format", "json"];
        let (code, output, errors) = Asking::start(&[&door[..], &flags].concat()).ended().await;
        assert_eq!((code, lines(&output).len(), &*errors), (0, 600, ""));
        told.push(lines(&output).into_iter().map(str::to_owned).collect::<Vec<_>>());
    }
    assert!(told.iter().all(|missions| *missions == told[0]));
    system.await_rows(600).await;
}

/// The text between two words, without the commas of large numbers.
fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{text}"));
    rest.split_once(after).unwrap_or_else(|| panic!("{text}")).0.replace(',', "")
}

#[tokio::test]
async fn a_broker_that_is_killed_meanwhile_costs_no_mission() {
    let (mut rabbit, _database, system) = on_own_broker().await;
    let _workers = system.all_workers();
    let first = Asking::start(&["--broker", &system.amqp]);
    assert_eq!(first.ended().await.0, 0, "the queues stand");
    rabbit.settle();
    let flags = ["--broker", &system.amqp, "--count", "20000", "--wait", "120"];
    let asking = Asking::start(&flags);
    asking.prints().await;
    rabbit.kill();
    assert!(lines_so_far(&asking) < 20_000, "it was over before the broker was killed");
    let _rabbit = spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    let (code, output, errors) = asking.ended().await;
    assert_eq!((code, lines(&output).len()), (0, 20_000), "{errors}");
    assert!(errors.contains("trying again"), "{errors}");
    system.await_rows(20_001).await;
}

fn lines_so_far(asking: &Asking) -> usize {
    asking.file("lines").lines().count()
}

#[tokio::test]
async fn it_ends_quietly_when_its_reader_closes_the_pipe() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let flags = ["--broker", &system.amqp, "--count", "20000"];
    let (code, output, errors) = Asking::piped(&flags, "head -1").ended().await;
    assert_eq!((code, output.lines().count(), &*errors), (0, 1, ""));
}

#[tokio::test]
async fn it_gives_up_without_replies_and_the_missions_are_stored_later() {
    let system = System::new().await;
    let flags = ["--broker", &system.amqp, "--count", "300", "--key", "late"];
    let (code, output, errors) =
        Asking::start(&[&flags[..], &["--wait", "1"]].concat()).ended().await;
    assert_eq!((code, &*output), (1, ""));
    for words in ["nothing arrived for 1 s", "0 of 300", "300 were requested", "--key late"] {
        assert!(errors.contains(words), "{words}: {errors}");
    }
    let _workers = system.all_workers();
    system.await_rows(300).await;
    let (code, output, _) = Asking::start(&flags).ended().await;
    assert_eq!((code, lines(&output).len()), (0, 300));
    system.await_rows(300).await;
}

#[tokio::test]
async fn replies_may_come_in_parts_repeated_unexpected_or_as_problems() {
    let system = System::new().await;
    let mut decider = FakeDecider::take_requests(&system).await;
    let asking = Asking::start(&["--broker", &system.amqp, "--count", "258", "--format", "json"]);
    let (first, second) = (decider.request().await, decider.request().await);
    assert_eq!((first.missions.len(), second.missions.len()), (256, 2));
    decider.missions(&second, &second.missions).await;
    decider.missions(&second, &second.missions).await;
    decider.missions(&first, &[Uuid::new_v4()]).await;
    decider.say(&first, "missions", "not JSON").await;
    decider.missions(&first, &first.missions[128..]).await;
    decider.missions(&first, &first.missions[100..200]).await;
    let problem = serde_json::json!({
        "type": "/problems/set-aside", "detail": "tried ten times", "missions": first.missions[..50],
    });
    decider.say(&first, "problem", &problem.to_string()).await;
    let problem = serde_json::json!({ "type": "/problems/invalid", "detail": "the whole list" });
    decider.say(&first, "problem", &problem.to_string()).await;
    let (code, output, errors) = asking.ended().await;
    let missions: Vec<Value> =
        lines(&output).into_iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut told: Vec<Uuid> = missions.iter().map(id).collect();
    let mut wanted = [&first.missions[100..], &second.missions[..]].concat();
    told.sort_unstable();
    wanted.sort_unstable();
    assert_eq!((code, told), (1, wanted), "{errors}");
    for words in ["158 of 258", "100 were refused", "set-aside: tried ten times"] {
        assert!(errors.contains(words), "{words}: {errors}");
    }
}
