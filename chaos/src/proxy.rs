//! A TCP proxy whose line can be made slow, sliced, silent or deaf.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[repr(u8)]
pub(crate) enum Toxic {
    /// Nothing.
    None,
    /// Each read is passed on 100 ms later.
    Latency,
    /// Bytes arrive in slices of seven.
    Slices,
    /// Nothing is passed on in either direction; connections stay open.
    BlackHole,
    /// What the server says does not arrive any more; connections stay open.
    HalfOpen,
    /// Every connection is reset, once.
    Reset,
}

const ALL: [Toxic; 6] =
    [Toxic::None, Toxic::Latency, Toxic::Slices, Toxic::BlackHole, Toxic::HalfOpen, Toxic::Reset];

/// How late the bytes of a slow line are.
const LATE: Duration = Duration::from_millis(100);
/// How often a silent line looks whether it may speak again.
const LOOK: Duration = Duration::from_millis(20);

/// A proxy before one server.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    server: Arc<AtomicU16>,
    toxic: Arc<AtomicU8>,
    resets: watch::Sender<u64>,
}

impl Proxy {
    /// Starts one on a free port, before the server at this port of the loopback. It ends with the
    /// runtime.
    ///
    /// # Errors
    /// It cannot listen.
    pub(crate) async fn start(server: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (toxic, (resets, reset)) = (Arc::<AtomicU8>::default(), watch::channel(0));
        let (port, server) = (listener.local_addr()?.port(), Arc::new(AtomicU16::new(server)));
        let proxy = Self { port, server: Arc::clone(&server), toxic: Arc::clone(&toxic), resets };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, toxic) = (Arc::clone(&server), Arc::clone(&toxic));
                tokio::spawn(line(client, server, toxic, reset.clone()));
            }
        });
        Ok(proxy)
    }

    /// Leads to another server from now on, as an address does that moves: what is open ends.
    pub(crate) fn lead_to(&self, server: u16) {
        self.server.store(server, Relaxed);
        self.reset();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Makes the line so.
    pub(crate) fn make(&self, toxic: Toxic) {
        self.toxic.store(toxic as u8, Relaxed);
        if toxic == Toxic::Reset {
            self.reset();
        }
    }

    /// A good line again. What a deaf line has swallowed is missing, so its connections are reset.
    pub(crate) fn heal(&self, toxic: Toxic) {
        self.toxic.store(Toxic::None as u8, Relaxed);
        if toxic == Toxic::HalfOpen {
            self.reset();
        }
    }

    fn reset(&self) {
        self.resets.send_modify(|resets| *resets += 1);
    }
}

async fn line(
    client: TcpStream,
    server: Arc<AtomicU16>,
    toxic: Arc<AtomicU8>,
    mut reset: watch::Receiver<u64>,
) {
    reset.mark_unchanged();
    let server = server.load(Relaxed); // after the mark: whoever leads elsewhere ends this line
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else { return };
    for side in [&client, &server] {
        let _ = (side.set_nodelay(true), side.set_zero_linger());
    }
    let ((from_client, to_client), (from_server, to_server)) =
        (client.into_split(), server.into_split());
    tokio::select! {
        () = pass(from_client, to_server, &toxic, false) => {}
        () = pass(from_server, to_client, &toxic, true) => {}
        _ = reset.changed() => {}
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    toxic: &AtomicU8,
    back: bool,
) {
    let mut buffer = vec![0; 16 * 1024];
    let now = || ALL.get(usize::from(toxic.load(Relaxed))).copied().unwrap_or(Toxic::None);
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..read).unwrap_or_default();
        while now() == Toxic::BlackHole {
            sleep(LOOK).await;
        }
        let slice = match now() {
            Toxic::HalfOpen if back => continue,
            Toxic::Latency => {
                sleep(LATE).await;
                read
            }
            Toxic::Slices => 7,
            _ => read,
        };
        for bytes in bytes.chunks(slice) {
            if to.write_all(bytes).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_a_line_is_found_by_its_number() {
        for (number, toxic) in ALL.into_iter().enumerate() {
            assert_eq!(number, usize::from(toxic as u8));
        }
    }
}
