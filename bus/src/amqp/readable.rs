//! The stream from the broker with every message readable, and how lapin is given it.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_compat::Compat;
use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures_util::Stream;
use futures_util::io::{AsyncRead, AsyncWrite};
use lapin::tcp::AsyncTcpStream;
use tokio::net::TcpStream;

use super::mend::Mender;

/// What comes over a connection, decrypted.
type Plain = AsyncTcpStream<Compat<TcpStream>>;

/// A connection; what is read from it may be mended.
pub(super) struct Readable {
    inner: Plain,
    mender: Option<Mender>,
    buffer: Vec<u8>,
}

/// Bytes that are read at a time.
const BUFFER: usize = 32 * 1024;

impl Readable {
    /// `mend`: whether anybody may have written what comes.
    pub(super) fn new(inner: Plain, mend: bool) -> Self {
        let buffer = if mend { vec![0; BUFFER] } else { Vec::new() };
        Self { inner, mender: mend.then(Mender::new), buffer }
    }
}

impl AsyncRead for Readable {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Self { inner, mender, buffer } = self.get_mut();
        let Some(mender) = mender else { return Pin::new(inner).poll_read(context, out) };
        loop {
            let taken = mender.take(out);
            if taken > 0 || out.is_empty() {
                return Poll::Ready(Ok(taken));
            }
            match ready!(Pin::new(&mut *inner).poll_read(context, buffer))? {
                0 => return Poll::Ready(Ok(0)),
                read => mender.put(buffer.get(..read).unwrap_or_default()),
            }
        }
    }
}

impl AsyncWrite for Readable {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_close(context)
    }
}

/// Tokio, for connections of this kind.
#[derive(Debug, Clone)]
pub(super) struct Tcp(Tokio);

/// The current runtime, for lapin to run on.
pub(super) fn runtime() -> Runtime<RuntimeParts<Tokio, Tcp>> {
    Runtime::new(RuntimeParts::new(Tokio::current(), Tcp(Tokio::current())))
}

impl Reactor for Tcp {
    type TcpStream = Readable;
    type Sleep = <Tokio as Reactor>::Sleep;

    /// lapin never does this.
    fn register<H: Read + Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Readable, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        let connecting = self.0.tcp_connect_addr(address);
        async move { Ok(Readable::new(AsyncTcpStream::Plain(connecting.await?), false)) }
    }
}
