//! Two deadlines of a connection: how long it may idle, and how long the head of a request may take
//! once it has begun. hyper has one clock for both, and a proxy that reuses connections needs the
//! first to be long.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How long a connection may idle; nginx reuses one that has idled for up to 60 s.
const IDLE: Duration = Duration::from_secs(75);
/// How long a head may take, from its first byte to its last.
const HEAD: Duration = Duration::from_secs(10);

/// The requests of one connection that are being answered: from the last byte of the head until the
/// answer is handed over.
#[derive(Debug, Clone)]
pub(super) struct Answering(Arc<Mutex<Requests>>);

#[derive(Debug, Clone, Copy)]
struct Requests {
    begun: u64,
    ended: u64,
    idle_since: Instant,
}

impl Answering {
    /// A connection begins.
    pub(super) fn new() -> Self {
        let requests = Requests { begun: 0, ended: 0, idle_since: Instant::now() };
        Self(Arc::new(Mutex::new(requests)))
    }

    /// A head is complete.
    pub(super) fn begin(&self) -> Answer {
        self.requests().begun += 1;
        Answer(self.clone())
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands as long as a request is being answered.
#[derive(Debug)]
pub(super) struct Answer(Answering);

impl Drop for Answer {
    fn drop(&mut self) {
        let mut requests = self.0.requests();
        requests.ended += 1;
        requests.idle_since = Instant::now();
    }
}

/// The body of an answer, which ends with it.
pub(super) struct Answered {
    pub(super) body: Body,
    #[expect(dead_code, reason = "held until it is dropped")]
    pub(super) answer: Answer,
}

impl hyper::body::Body for Answered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
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
pub(super) struct Deadlines<S> {
    stream: S,
    answering: Answering,
    /// The requests that were begun when it was last read.
    begun: u64,
    /// When the first byte of a head came.
    head_since: Option<Instant>,
    /// Wakes us no later than the next deadline. It is left as it is where it wakes us too early:
    /// that costs one vain look, and nothing per request.
    sleep: Pin<Box<Sleep>>,
}

impl<S> Deadlines<S> {
    pub(super) fn new(stream: S, answering: Answering) -> Self {
        let sleep = Box::pin(tokio::time::sleep(IDLE));
        Self { stream, answering, begun: 0, head_since: None, sleep }
    }

    /// Whether it is too late for the next byte. hyper may not read again between the end of an
    /// answer and the next request, so it is woken to look even when there is no deadline yet.
    fn poll_late(&mut self, requests: Requests, context: &mut Context<'_>) -> Poll<()> {
        let until = match self.head_since {
            _ if requests.begun != requests.ended => Instant::now() + IDLE,
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
mod tests {
    use std::convert::Infallible;

    use http_body_util::BodyExt;
    use hyper::server::conn::http1;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    /// A served connection, whose every answer takes this long and then has a body that takes as
    /// long; nothing is waited for when it is zero.
    fn connect(answer: Duration) -> DuplexStream {
        let (client, server) = tokio::io::duplex(64 * 1024);
        let answering = Answering::new();
        let stream = TokioIo::new(Deadlines::new(server, answering.clone()));
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let answer_begun = answering.begin();
            async move {
                let wait = async move || match answer {
                    Duration::ZERO => {}
                    answer => tokio::time::sleep(answer).await,
                };
                let _ = request.into_body().collect().await;
                wait().await;
                let later = futures_util::stream::once(async move {
                    wait().await;
                    Ok::<_, Infallible>("done")
                });
                let body = Body::from_stream(later);
                Ok::<_, Infallible>(hyper::Response::new(Answered { body, answer: answer_begun }))
            }
        });
        let mut http = http1::Builder::new();
        http.header_read_timeout(None);
        tokio::spawn(async move { http.serve_connection(stream, service).await });
        client
    }

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    /// Asks, and is answered.
    async fn ask(client: &mut DuplexStream) {
        client.write_all(REQUEST).await.unwrap();
        hear(client).await;
    }

    /// Reads to the end of an answer.
    async fn hear(client: &mut DuplexStream) {
        let mut heard = Vec::new();
        while !heard.ends_with(b"done\r\n0\r\n\r\n") {
            assert_ne!(client.read_buf(&mut heard).await.unwrap(), 0, "{heard:?}");
        }
    }

    /// Waits for the end of the connection, and says how long that took.
    async fn end(client: &mut DuplexStream) -> Duration {
        let began = Instant::now();
        while client.read_u8().await.is_ok() {}
        began.elapsed()
    }

    /// Says a byte a second, and how long it is listened to.
    async fn dribble(client: &mut DuplexStream) -> Duration {
        let began = Instant::now();
        for byte in REQUEST.iter().cycle().filter(|byte| **byte != b'\n') {
            let second = Duration::from_secs(1);
            if client.write_all(&[*byte]).await.is_err()
                || tokio::time::timeout(second, client.read_u8()).await.is_ok()
            {
                break;
            }
        }
        began.elapsed()
    }

    fn about(seconds: u64, time: Duration) -> bool {
        (Duration::from_secs(seconds)..Duration::from_secs(seconds + 2)).contains(&time)
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_a_head_byte_by_byte_is_cut_off_after_ten_seconds() {
        let listened = dribble(&mut connect(Duration::ZERO)).await;
        assert!(about(10, listened), "{listened:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn and_also_when_a_request_was_answered_and_the_connection_idled_before() {
        let mut client = connect(Duration::ZERO);
        for idle in [74, 74, 3] {
            ask(&mut client).await;
            tokio::time::sleep(Duration::from_secs(idle)).await;
        }
        let listened = dribble(&mut client).await;
        assert!(about(10, listened), "{listened:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_idle_for_75_seconds_before_and_after_a_request() {
        let idled = end(&mut connect(Duration::ZERO)).await;
        assert!(about(75, idled), "{idled:?}");
        let mut client = connect(Duration::ZERO);
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(74)).await;
            ask(&mut client).await;
        }
        let idled = end(&mut client).await;
        assert!(about(75, idled), "{idled:?}");
        let mut client = connect(Duration::ZERO);
        ask(&mut client).await; // before it was ever waited for
        let idled = end(&mut client).await;
        assert!(about(75, idled), "{idled:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_take_longer_than_both_deadlines() {
        let mut client = connect(Duration::from_secs(100));
        ask(&mut client).await;
        ask(&mut client).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_sent_while_another_is_answered_is_answered_too() {
        let mut client = connect(Duration::from_secs(100));
        client.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_secs(50)).await;
        ask(&mut client).await;
        hear(&mut client).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_takes_its_time_is_no_head() {
        let mut client = connect(Duration::ZERO);
        client.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.unwrap();
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(20)).await;
            client.write_all(b"x").await.unwrap();
        }
        hear(&mut client).await;
        let idled = end(&mut client).await;
        assert!(about(75, idled), "{idled:?}");
    }
}
