//! A peer that accepts connections and says nothing. The test counts what its process holds, so it
//! has a process of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code, and the helpers of tests")]

mod support {
    pub(crate) mod poll;
    pub(crate) mod time;
}

use bus::{Address, Broker, Fault};
use futures_util::future::join_all;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::poll::eventually;

/// Accepts every connection, and keeps it until the test ends.
fn accept_silently(listener: TcpListener) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut held: Vec<TcpStream> = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    })
}

/// The threads of this process that drive a connection to a broker.
fn connection_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().filter_map(Result::ok);
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "lapin-io-loop").count()
}

/// The sockets that this process has open to this port of the peer.
fn sockets_to(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let peer = format!("0100007F:{port:04X}");
    let fields = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    const ESTABLISHED: &str = "01";
    fields.filter(|f| f.get(2) == Some(&peer.as_str()) && f.get(3) == Some(&ESTABLISHED)).count()
}

#[tokio::test]
async fn connect_attempts_at_a_silent_peer_leave_no_thread_and_no_socket_behind() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let peer = accept_silently(listener);
    let brokers = ["amqp", "amqps"].map(|scheme| {
        let address = format!("{scheme}://guest:guest@127.0.0.1:{port}");
        Broker::new(address.parse::<Address>().unwrap())
    });
    let attempts = brokers.iter().flat_map(|broker| (0..8).map(|_| broker.open("test")));
    let attempts = join_all(attempts).await;
    for attempt in attempts {
        assert!(matches!(attempt.err(), Some(Fault::Timeout { .. })));
    }
    eventually("no thread and no socket", async || {
        (connection_threads() == 0 && sockets_to(port) == 0).then_some(())
    })
    .await;
    peer.abort();
}
