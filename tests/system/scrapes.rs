//! `/metrics` of the processes, and scrapers that do not behave.

use std::net::{Ipv4Addr, SocketAddr};

use testkit::servers::Port;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::process::Process;
use crate::system::{Embedded, System, ask, eventually};

/// A connection that asks for this and never reads.
async fn hanging(place: &str, request: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1_024).unwrap();
    let mut stream = socket.connect(place.parse::<SocketAddr>().unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

pub async fn text(place: &str) -> Option<String> {
    let response = reqwest::get(format!("http://{place}/metrics")).await.ok()?;
    let kind = response.headers().get("content-type")?.to_str().ok()?.to_owned();
    let openmetrics = kind.starts_with("application/openmetrics-text; version=1.0.0");
    let good = response.status().is_success() && openmetrics;
    response.text().await.ok().filter(|text| good && text.ends_with("# EOF\n"))
}

#[tokio::test]
async fn one_process_shows_all_its_roles_and_no_caller_makes_a_series() {
    let embedded = Embedded::start().await;
    let place = embedded.gateway.replace("http://", "");
    ask(&embedded.gateway).await;
    for n in 0..100 {
        let odd = format!("{}/no-such-{n}?x={n}", embedded.gateway);
        let method = reqwest::Method::from_bytes(format!("ODD{n}").as_bytes()).unwrap();
        reqwest::Client::new().request(method, odd).send().await.unwrap();
    }
    let counted =
        r#"http_request_method="_OTHER",http_route="",http_response_status_code="404"} 100"#;
    eventually("all to be counted in one series", async || {
        text(&place).await.is_some_and(|text| text.contains(counted))
    })
    .await;
    let text = text(&place).await.unwrap();
    for role in schemas::Role::ALL {
        let series = format!("spymission_missions_total{{role=\"{}\"}} 1\n", role.name());
        assert!(text.contains(&series), "{series} in\n{text}");
    }
    assert!(!text.contains("no-such"));
}

#[tokio::test]
async fn scrapers_that_hang_take_nothing_from_the_work_or_from_probes() {
    let system = System::new().await;
    let port = Port::free().unwrap();
    let status = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
    let flags = ["--broker", &system.amqp, "--database", &system.mysql, "--status", &status];
    let _persister = Process::start(&[&["worker", "persister"], &flags[..]].concat(), None);
    let _others = system.all_but(["persister"]);
    let _gateway = system.gateway().await;
    let gateway = system.gateway.replace("http://", "");
    ask(&system.gateway).await;
    let mut hang = Vec::new();
    for place in [&gateway, &status] {
        for _ in 0..8 {
            hang.push(hanging(place, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await);
            hang.push(hanging(place, "GET /metrics HTTP/1.1\r\nHo").await);
        }
    }
    for _ in 0..20 {
        ask(&system.gateway).await;
    }
    for place in [&gateway, &status] {
        let probe = reqwest::get(format!("http://{place}/readyz")).await.unwrap();
        assert!(probe.status().is_success(), "{place}");
        eventually("a scraper that reads", async || text(place).await.is_some()).await;
    }
    drop(hang);
}
