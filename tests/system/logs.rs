//! What the logs tell of a request.

use std::collections::HashMap;
use std::process::Command;

use serde_json::Value;
use testkit::servers::Port;

use crate::process::Process;
use crate::system::{Embedded, ask, eventually};

#[tokio::test]
async fn at_debug_each_hop_of_a_request_is_one_line_with_the_mission_and_the_trace() {
    let up = Embedded::start_in(&[("SPYMISSION_LOG", "debug")]).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let post = reqwest::Client::new().post(format!("{}/missions", up.gateway));
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let mission: Value =
        post.header("traceparent", parent).send().await.unwrap().json().await.unwrap();
    let mut lines = HashMap::new();
    // The decider settles the request after its reply.
    eventually("the lines of every hop", async || {
        let log = up.process.log();
        let all = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let about = all.filter(|line| line["mission"] == mission["id"]);
        let key = |line: &Value| (line["role"].to_string(), line["message"].to_string());
        lines = HashMap::new();
        about.for_each(|line| lines.entry(key(&line)).or_insert(Vec::new()).push(line));
        lines.len() == 7
    })
    .await;
    for (role, message) in [
        ("gateway", "published"),
        ("decider", "settled"),
        ("number", "answered"),
        ("letter", "answered"),
        ("persister", "answered"),
        ("gateway", "replied"),
    ] {
        let key = (format!("{role:?}"), format!("{message:?}"));
        let [line] = &lines[&key][..] else { panic!("{key:?}: {lines:?}") };
        assert_eq!(line["trace_id"], trace, "{line}");
    }
    let [answered] = &lines[&("null".to_owned(), "\"answered\"".to_owned())][..] else { panic!() };
    assert_eq!((&answered["path"], &answered["status"]), (&"/missions".into(), &201.into()));
}

/// `up` on a terminal, which `script` makes.
fn on_a_terminal(listen: &str, database: &str) -> Process {
    let program = env!("CARGO_BIN_EXE_spymission");
    let up = format!("{program} up --listen {listen} --database {database}");
    let mut script = Command::new("script");
    script.args(["-qefc", &up, "/dev/null"]).env("TERM", "xterm").env("NO_COLOR", "1");
    Process::spawn(script)
}

#[tokio::test]
async fn on_a_terminal_up_tells_each_request_in_one_line_and_at_most_twenty_a_second() {
    let (port, folder) = (Port::free().unwrap(), tempfile::tempdir().unwrap());
    let listen = format!("127.0.0.1:{}", port.number());
    let database = format!("sqlite:{}", folder.path().join("missions.db").display());
    let mut up = on_a_terminal(&listen, &database);
    let gateway = format!("http://{listen}");
    up.says("Stop:").await;
    eventually("the gateway to be ready", async || {
        reqwest::get(format!("{gateway}/readyz")).await.is_ok_and(|r| r.status().is_success())
    })
    .await;
    let mission = ask(&gateway).await;
    let text = |name: &str| mission[name].as_str().unwrap().to_owned();
    let told = format!(" ms {} {} {}…", text("objective"), text("target"), &text("id")[..8]);
    up.says(&told).await;
    assert!(!up.log().contains("consuming"), "{}", up.log());
    let began = std::time::Instant::now();
    for _ in 0..200 {
        ask(&gateway).await;
    }
    // The first and the last second may be begun ones.
    let most = 20 * (usize::try_from(began.elapsed().as_secs()).unwrap() + 2);
    // However fast they are, the shown and the counted ones are all.
    eventually("every request to be shown or counted", async || {
        let log = up.log();
        let shown = log.lines().filter(|line| line.contains(" 201 ")).count();
        let more = log.lines().filter_map(|line| line.split_once("and ")?.1.split_once(" more"));
        shown + more.map(|(count, _)| count.parse::<usize>().unwrap()).sum::<usize>() == 201
    })
    .await;
    let shown = up.log().lines().filter(|line| line.contains(" 201 ")).count();
    assert!(shown <= 1 + most, "{shown} lines, {most} at most");
    up.signal("INT");
    up.kill();
}
