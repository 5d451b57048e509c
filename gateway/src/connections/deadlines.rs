//! The deadlines of a connection: how long it may be idle, and how long the head of a request may
//! take. hyper has one deadline for both, but a proxy that reuses connections needs a long idle time.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Body;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How long a connection may idle; nginx reuses one that has idled for up to 60 s.
const IDLE: Duration = Duration::from_secs(75);
/// How long a head may take, from its first byte to its last.
const HEAD: Duration = Duration::from_secs(10);

/// A client that has ended its half of the connection while it waits gets its response if it comes
/// within this; then the client is taken for gone, and its request is given up.
const HALF_CLOSED: Duration = Duration::from_secs(2);

/// Counts the requests of one connection that are being answered. A request counts from the last byte
/// of its head until hyper has the whole response.
#[derive(Debug, Clone)]
pub(crate) struct Answering(Arc<Mutex<Requests>>);

#[derive(Debug, Clone, Copy)]
struct Requests {
    begun: u64,
    ended: u64,
    idle_since: Instant,
}

impl Answering {
    /// A new connection, without requests.
    pub(crate) fn new() -> Self {
        let requests = Requests { begun: 0, ended: 0, idle_since: Instant::now() };
        Self(Arc::new(Mutex::new(requests)))
    }

    /// Begins a request: its head is complete.
    pub(crate) fn begin(&self) -> Answer {
        self.requests().begun += 1;
        Answer(self.clone())
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request that is being answered; dropping it ends the request.
#[derive(Debug)]
pub(crate) struct Answer(Answering);

impl Drop for Answer {
    fn drop(&mut self) {
        let mut requests = self.0.requests();
        requests.ended += 1;
        requests.idle_since = Instant::now();
    }
}

/// The body of a response. The request ends when it is dropped.
pub(crate) struct Answered<B> {
    pub(crate) body: B,
    #[expect(dead_code, reason = "held until it is dropped")]
    pub(crate) answer: Answer,
}

impl<B: Body + Unpin> Body for Answered<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream with the deadlines. It ends when it is idle for too long, and fails when a head takes too
/// long.
pub(crate) struct Deadlines<S> {
    stream: S,
    answering: Answering,
    /// How many requests had begun at the last read.
    begun: u64,
    /// When the first byte of a head came.
    head_since: Option<Instant>,
    /// When the client ended its half.
    ended_since: Option<Instant>,
    /// Wakes the task at the next deadline or earlier. It is not moved back when a deadline moves
    /// back: waking once too early is cheaper than moving it for each request.
    sleep: Pin<Box<Sleep>>,
}

impl<S> Deadlines<S> {
    pub(crate) fn new(stream: S, answering: Answering) -> Self {
        let sleep = Box::pin(tokio::time::sleep(IDLE));
        Self { stream, answering, begun: 0, head_since: None, ended_since: None, sleep }
    }

    /// Ready when the deadline has passed. hyper may not read between the end of a response and the
    /// next request, so the task is woken even if there is no deadline yet.
    fn poll_late(&mut self, requests: Requests, context: &mut Context<'_>) -> Poll<()> {
        let until = match self.head_since {
            _ if requests.begun != requests.ended => {
                self.ended_since.map_or_else(|| Instant::now() + IDLE, |since| since + HALF_CLOSED)
            }
            Some(since) => since + HEAD,
            None => requests.idle_since + IDLE,
        };
        if self.sleep.deadline() > until {
            self.sleep.as_mut().reset(until);
        }
        while self.sleep.as_mut().poll(context).is_ready() {
            if self.sleep.deadline() >= until {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(until);
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadlines<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let requests = *this.answering.requests();
        if requests.begun != this.begun {
            (this.begun, this.head_since) = (requests.begun, None);
        }
        let idle = requests.begun == requests.ended;
        if idle && buffer.filled().len() > before && this.head_since.is_none() {
            this.head_since = Some(Instant::now());
        }
        let is_end = matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() == before;
        if is_end && !idle && buffer.remaining() > 0 {
            this.ended_since.get_or_insert_with(Instant::now);
            return this.poll_late(requests, context).map(Ok);
        }
        if read.is_ready() || this.poll_late(requests, context).is_pending() {
            return read;
        }
        if this.head_since.is_some() {
            let late = "the head of a request took too long";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, late)));
        }
        Poll::Ready(Ok(())) // nothing was read: this is the end of the stream
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadlines<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
