//! `GET /metrics`: what this process counts and measures.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use schemas::{Problem, ProblemKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::representation::Refusal;

/// The most responses that are read at a time.
const SCRAPES: usize = 4;
/// How long one may be read. A scraper that is slower is cut off.
const DEADLINE: Duration = Duration::from_secs(10);
/// So much is handed to the connection at once. The next piece follows when this one has left.
const PIECE: usize = 16 * 1024;

/// Answers `/metrics`. Nobody waits for a scraper: the text is written before the response begins,
/// at most twice a second for all of them.
pub(crate) struct Metrics(Arc<Semaphore>);

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SCRAPES)))
    }
}

impl Metrics {
    /// The answer.
    pub(crate) fn response(&self) -> Response {
        let Ok(place) = Arc::clone(&self.0).try_acquire_owned() else {
            let detail = format!("{SCRAPES} others read the metrics at the moment");
            return Refusal::from(Problem::new(ProblemKind::Unavailable, detail)).into_response();
        };
        let text = Bytes::from_owner(telemetry::text(std::time::Instant::now()));
        let scrape = Scrape { text, until: Instant::now() + DEADLINE, _place: place };
        ([(header::CONTENT_TYPE, telemetry::CONTENT_TYPE)], Body::new(scrape)).into_response()
    }
}

/// The text, in pieces. Its place is free when it was read or given up.
struct Scrape {
    text: Bytes,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl hyper::body::Body for Scrape {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.text.is_empty() {
            return Poll::Ready(None);
        }
        if Instant::now() > self.until {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        let piece = self.text.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.text.split_to(piece)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.text.len()).unwrap_or(u64::MAX))
    }

    fn is_end_stream(&self) -> bool {
        self.text.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn scrapers_that_hang_take_four_places_and_are_cut_off() {
        let metrics = Metrics::default();
        let mut hanging: Vec<_> = (0..SCRAPES).map(|_| metrics.response()).collect();
        assert!(hanging.iter().all(|response| response.status() == StatusCode::OK));
        assert_eq!(metrics.response().status(), StatusCode::SERVICE_UNAVAILABLE);
        tokio::time::advance(DEADLINE + Duration::from_millis(1)).await;
        assert!(hanging.pop().unwrap().into_body().collect().await.is_err(), "too late");
        let next = metrics.response();
        assert_eq!(next.status(), StatusCode::OK, "its place is free");
        let text = next.into_body().collect().await.unwrap().to_bytes();
        assert!(text.ends_with(b"# EOF\n"));
    }
}
