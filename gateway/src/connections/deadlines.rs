//! Two deadlines of a connection: how long it may idle, and how long the head of a request may take
//! once it has begun. hyper has one clock for both, and a proxy that reuses connections needs the
//! first to be long.

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

/// The requests of one connection that are being answered: from the last byte of the head until the
/// answer is handed over.
#[derive(Debug, Clone)]
pub(crate) struct Answering(Arc<Mutex<Requests>>);

#[derive(Debug, Clone, Copy)]
struct Requests {
    begun: u64,
    ended: u64,
    idle_since: Instant,
}

impl Answering {
    /// A connection begins.
    pub(crate) fn new() -> Self {
        let requests = Requests { begun: 0, ended: 0, idle_since: Instant::now() };
        Self(Arc::new(Mutex::new(requests)))
    }

    /// A head is complete.
    pub(crate) fn begin(&self) -> Answer {
        self.requests().begun += 1;
        Answer(self.clone())
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands as long as a request is being answered.
#[derive(Debug)]
pub(crate) struct Answer(Answering);

impl Drop for Answer {
    fn drop(&mut self) {
        let mut requests = self.0.requests();
        requests.ended += 1;
        requests.idle_since = Instant::now();
    }
}

/// The body of an answer, which ends with it.
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

/// A stream that keeps both deadlines. One that has idled too long ends; one whose head takes too
/// long fails.
pub(crate) struct Deadlines<S> {
    stream: S,
    answering: Answering,
    /// The requests that were begun when it was last read.
    begun: u64,
    /// When the first byte of a head came.
    head_since: Option<Instant>,
    /// When the client ended its half.
    ended_since: Option<Instant>,
    /// Wakes us no later than the next deadline. It is left as it is where it wakes us too early:
    /// that costs one vain look, and nothing per request.
    sleep: Pin<Box<Sleep>>,
}

impl<S> Deadlines<S> {
    pub(crate) fn new(stream: S, answering: Answering) -> Self {
        let sleep = Box::pin(tokio::time::sleep(IDLE));
        Self { stream, answering, begun: 0, head_since: None, ended_since: None, sleep }
    }

    /// Whether it is too late for the next byte. hyper may not read again between the end of an
    /// answer and the next request, so it is woken to look even when there is no deadline yet.
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
        Poll::Ready(Ok(())) // nothing was read: the end
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
