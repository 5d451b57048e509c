//! `spymission bench`.

use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::servers::Port;

use super::run;
use crate::process::Process;
use crate::system::Embedded;

/// Measures for one second.
async fn bench(gateway: &str, flags: &[&str]) -> (i32, String) {
    run(&[], &[&["bench", "--url", gateway, "--seconds", "1"], flags].concat()).await
}

/// The rows of the document, and the document.
async fn json(gateway: &str, flags: &[&str]) -> (i32, Vec<Value>, Value) {
    let (code, said) = bench(gateway, &[&["--json"], flags].concat()).await;
    // A failure is one more line, on standard error.
    let document = said.split_inclusive("\n}\n").next().unwrap();
    let document: Value = serde_json::from_str(document).expect(&said);
    (code, document["rows"].as_array().cloned().expect("rows"), document)
}

#[tokio::test]
async fn bench_prints_a_row_for_each_number_of_connections() {
    let embedded = Embedded::start().await;
    let (code, said) = bench(&embedded.gateway, &["--connections", "1,4"]).await;
    assert_eq!(code, 0, "{said}");
    let lines: Vec<Vec<&str>> =
        said.lines().map(|line| line.split_whitespace().collect()).collect();
    let [head, one, four] = &lines[..] else { panic!("a head and two rows: {said}") };
    assert_eq!(head[..3], ["connections", "missions/s", "p50"], "{said}");
    for (row, connections) in [(one, "1"), (four, "4")] {
        let rate: f64 = row[1].parse().unwrap();
        assert!(row[0] == connections && rate > 0.0 && row[6] == "0", "{said}");
    }
}

#[tokio::test]
async fn bench_prints_json_whose_figures_agree() {
    let embedded = Embedded::start().await;
    let (code, rows, document) = json(&embedded.gateway, &["--connections", "2"]).await;
    assert_eq!(code, 0, "{document}");
    assert_eq!(document["url"], embedded.gateway.as_str());
    for (field, value) in
        [("seconds", 1.into()), ("rate", Value::Null), ("interrupted", false.into())]
    {
        assert_eq!(document[field], value, "{field}");
    }
    let [row] = &rows[..] else { panic!("one row: {document}") };
    assert_eq!((&row["connections"], &row["errors"]), (&2.into(), &0.into()), "{row}");
    assert_eq!((&row["first_error"], &row["unsent"]), (&Value::Null, &0.into()), "{row}");
    assert_eq!(row["missions"].as_f64(), row["missions_per_second"].as_f64(), "of one second");
    let ascending =
        ["p50_ms", "p99_ms", "p99_9_ms", "max_ms"].map(|name| row[name].as_f64().unwrap());
    assert!(ascending[0] > 0.0 && ascending.is_sorted(), "{row}");
}

#[tokio::test]
async fn bench_keeps_the_rate_of_an_open_loop() {
    let embedded = Embedded::start().await;
    let flags = ["--connections", "8", "--rate", "100"];
    let (code, rows, document) = json(&embedded.gateway, &flags).await;
    assert_eq!((code, &document["rate"]), (0, &100.into()), "{document}");
    let [sent, unsent] = ["missions", "unsent"].map(|name| rows[0][name].as_u64().unwrap());
    assert!(sent + unsent == 100 && sent >= 50, "{document}");
}

#[tokio::test]
async fn bench_fails_and_tells_the_first_failure_when_a_request_failed() {
    let embedded = Embedded::start_with(&["--rate", "1/60"]).await;
    let (code, rows, document) = json(&embedded.gateway, &["--connections", "2"]).await;
    assert_eq!(code, 1, "{document}");
    assert!(rows[0]["errors"].as_u64().unwrap() > 0, "{document}");
    assert!(rows[0]["first_error"].as_str().unwrap().starts_with("429 "), "{document}");
}

#[tokio::test]
async fn bench_ends_at_a_signal_with_the_rows_so_far() {
    let embedded = Embedded::start().await;
    let arguments =
        ["bench", "--url", &embedded.gateway, "--seconds", "1", "--connections", "1,3600"];
    let mut bench = Process::start(&arguments, None);
    bench.says("\n          1 ").await;
    bench.signal("INT");
    assert_eq!(bench.ended().await.code(), Some(130), "{}", bench.log());
    assert!(bench.log().ends_with("interrupted: 1 of 2 rows are measured\n"), "{}", bench.log());
}

#[tokio::test]
async fn bench_names_a_gateway_that_is_away_at_once() {
    let port = Port::free().unwrap();
    let url = format!("http://127.0.0.1:{}", port.number());
    let began = Instant::now();
    let (code, said) = run(&[], &["bench", "--url", &url]).await;
    assert!(began.elapsed() < Duration::from_secs(10), "all rows together take 55 s");
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    assert!(said.contains(&format!("{url}: no connection: Connection refused")), "{said}");
}

#[tokio::test]
async fn bench_refuses_a_wrong_flag_by_name_and_says_what_is_right() {
    for (flag, value, right) in [
        ("--url", "localhost:8080", "http://host:8080"),
        ("--url", "ftp://localhost", "http://host:8080"),
        ("--url", "http://spy:secret@localhost:8080", "leave them out"),
        ("--connections", "1,0", "1..=10000"),
        ("--connections", "10001", "1..=10000"),
        ("--seconds", "0", "1..=3600"),
        ("--seconds", "3601", "1..=3600"),
        ("--rate", "0", "1..=1000000"),
    ] {
        let (code, said) = run(&[], &["bench", flag, value]).await;
        assert_eq!(code, 2, "{flag} {value}: {said}");
        assert!(said.contains(flag) && said.contains(right), "{flag} {value}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
}
