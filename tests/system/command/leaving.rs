//! The end of a gateway: a proxy that does not know yet that the gateway stops gets responses.

use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::say;
use crate::system::{Embedded, ask, eventually};

const POST: &str = "POST /missions HTTP/1.1\r\nhost: x\r\n\r\n";

async fn is_answered(mut caller: TcpStream) {
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
}

/// The kernel accepts connections before the process does: closing the listener would reset them.
async fn leaves_when_somebody_waits() {
    let mut embedded = Embedded::start_with(&["--drain", "1"]).await;
    embedded.process.signal("TERM");
    embedded.process.says("draining connections").await;
    let told = Instant::now();
    embedded.process.signal("STOP");
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(say(&embedded.gateway, POST).await);
    }
    eventually("the drain of 1 s to be over", async || told.elapsed().as_secs() > 1).await;
    embedded.process.signal("CONT");
    for caller in waiting {
        is_answered(caller).await;
    }
    assert!(embedded.process.ended().await.success(), "{}", embedded.process.log());
}

/// Whether a process checks its clock or its connections first is chance: several processes are tried.
#[tokio::test]
async fn a_connection_that_waits_to_be_accepted_is_answered_before_the_end() {
    futures_util::future::join_all((0..6).map(|_| leaves_when_somebody_waits())).await;
}

#[tokio::test]
async fn a_client_that_has_just_connected_may_still_send_a_first_request() {
    let mut embedded = Embedded::start_with(&["--drain", "0"]).await;
    let mut caller = say(&embedded.gateway, "").await;
    ask(&embedded.gateway).await; // the caller before has been accepted by then
    embedded.process.signal("TERM");
    let address = embedded.gateway.strip_prefix("http://").unwrap();
    eventually("nobody else to be let in", async || TcpStream::connect(address).await.is_err())
        .await;
    caller.write_all(POST.as_bytes()).await.unwrap();
    is_answered(caller).await;
    assert!(embedded.process.ended().await.success(), "{}", embedded.process.log());
}
