//! What hyper refuses itself, without calling us: a head that is no HTTP, or is too large. hyper has
//! no hook for that, so its bare response is replaced on the way to the socket by one with a problem
//! and a request id.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use schemas::{Problem, ProblemKind};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use uuid::Uuid;

/// The most header fields of one request.
pub(super) const MAX_HEADERS: usize = 64;
/// The most bytes of a head, and of what is read ahead. By default hyper would take 417 KB for each
/// connection.
pub(super) const MAX_HEAD: usize = 16 * 1024;
/// How the head of a bare response of hyper ends: with this, a date and an empty line.
const BARE_END: &[u8] = b"content-length: 0\r\ndate: ";
const DATE: usize = "Thu, 26 Nov 2026 12:00:00 GMT\r\n\r\n".len();
/// A bare response of hyper is shorter than this.
const BARE: usize = 256;
/// After a refusal: how long what the client still sends is read. If the connection were closed on
/// unread bytes, a reset might overtake the response.
const LINGER: Duration = Duration::from_secs(1);
/// How much of it is read.
const MAX_DISCARDED: usize = 256 * 1024;

/// A stream on which hyper's own refusals have a body.
pub(super) struct Refusals<S> {
    stream: S,
    new_id: fn() -> Uuid,
    writing: Option<Replacement>,
    lingering: Option<Lingering>,
}

/// Bytes that are written instead of others.
struct Replacement {
    bytes: Vec<u8>,
    written: usize,
    /// So many bytes of hyper are replaced.
    replaces: usize,
}

/// What is left of the time and the bytes after a refusal.
struct Lingering {
    sleep: Pin<Box<Sleep>>,
    left: usize,
}

impl<S> Refusals<S> {
    pub(super) fn new(stream: S, new_id: fn() -> Uuid) -> Self {
        Self { stream, new_id, writing: None, lingering: None }
    }
}

impl<S: AsyncWrite + Unpin> Refusals<S> {
    /// Writes all of the replacement, then says that hyper's bytes are written.
    fn poll_replacement(
        &mut self,
        context: &mut Context<'_>,
        mut replacement: Replacement,
    ) -> Poll<io::Result<usize>> {
        while let Some(rest) = replacement.bytes.get(replacement.written..)
            && !rest.is_empty()
        {
            match Pin::new(&mut self.stream).poll_write(context, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => replacement.written += written,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.writing = Some(replacement);
                    return Poll::Pending;
                }
            }
        }
        let sleep = Box::pin(tokio::time::sleep(LINGER));
        self.lingering = Some(Lingering { sleep, left: MAX_DISCARDED });
        Poll::Ready(Ok(replacement.replaces))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Refusals<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Refusals<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match this.writing.take().or_else(|| replacement(bytes, this.new_id)) {
            Some(replacement) => this.poll_replacement(context, replacement),
            None => Pin::new(&mut this.stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // hyper begins a head only when nothing else is left to write: it is the first slice.
        let first = slices.first().map_or(&[][..], |slice| slice);
        match this.writing.take().or_else(|| replacement(first, this.new_id)) {
            Some(replacement) => this.poll_replacement(context, replacement),
            None => Pin::new(&mut this.stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        let Some(lingering) = &mut this.lingering else { return Poll::Ready(Ok(())) };
        while lingering.left > 0 && lingering.sleep.as_mut().poll(context).is_pending() {
            let mut bytes = [0; 4096];
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {
                    lingering.left = lingering.left.saturating_sub(buffer.filled().len());
                }
                Ok(()) | Err(_) => break, // the client has gone
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// What is written instead of these bytes, if they end with a bare refusal of hyper.
fn replacement(bytes: &[u8], new_id: fn() -> Uuid) -> Option<Replacement> {
    let end =
        bytes.len().checked_sub(BARE_END.len() + DATE).and_then(|start| bytes.get(start..))?;
    if !end.starts_with(BARE_END) || !bytes.ends_with(b"\r\n\r\n") {
        return None; // at once: every response passes here
    }
    let (before, tail) = bytes.split_at(bytes.len().saturating_sub(BARE));
    let start = tail.windows(9).rposition(|window| window == b"HTTP/1.1 ")?;
    let (kept, bare) = tail.split_at_checked(start)?;
    let bare = std::str::from_utf8(bare).ok()?;
    if !bare.contains("\r\ncontent-length: 0\r\n") || bare.contains("\r\nx-request-id: ") {
        return None;
    }
    let problem = match bare.get(9..12)? {
        "400" => Problem::new(ProblemKind::Malformed, "this is no HTTP/1.1 request"),
        "414" | "431" => {
            let detail = format!(
                "address and header fields together may have {MAX_HEAD} bytes, and there may be \
                 {MAX_HEADERS} fields"
            );
            Problem::new(ProblemKind::HeadTooLarge, detail)
        }
        _ => return None,
    };
    let bytes = [before, kept, response(&problem, new_id()).as_bytes()].concat();
    Some(Replacement { replaces: before.len() + tail.len(), bytes, written: 0 })
}

fn response(problem: &Problem, id: Uuid) -> String {
    let kind = problem.kind();
    let status = axum::http::StatusCode::from_u16(kind.status()).unwrap_or_default();
    let body = serde_json::to_string(problem).unwrap_or_default() + "\n"; // it cannot fail
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n\
         x-content-type-options: nosniff\r\nx-request-id: {id}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
