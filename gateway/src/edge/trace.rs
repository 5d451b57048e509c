//! W3C Trace Context: a caller's trace is passed on with its request. A request for missions is a
//! span of that trace.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method};
use axum::response::Response;
use schemas::{Role, unix_micros};
use time::OffsetDateTime;
use traces::{Begun, Context, KeyValue, Kind, Span, Tracer};

use crate::correlator::Trace;
use crate::summary::Summary;

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// The standard allows to drop a longer `tracestate`.
const LONGEST_STATE: usize = 512;
/// The span of a request for missions.
const NAME: &str = "POST /missions";

/// The caller's trace, if its `traceparent` follows the standard. `span` is the request's own span:
/// it takes the place of the caller's.
pub(crate) fn trace(headers: &HeaderMap, span: Option<Context>) -> Option<Trace> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let parent = text(PARENT).and_then(Context::parse);
    let state = parent.and_then(|_| text(STATE)).filter(|state| state.len() <= LONGEST_STATE);
    Some(Trace { parent: span.or(parent)?, state: state.map(str::to_owned) })
}

/// The span of a request for missions, while it is answered.
pub(super) struct RequestSpan {
    tracer: &'static Tracer,
    begun: Begun,
    from: u64,
    clock: fn() -> OffsetDateTime,
}

impl RequestSpan {
    /// Begins, if this is a request for missions and spans are exported. What handles the request
    /// finds the [`Context`] of the span in its extensions.
    pub(super) fn begin(request: &mut Request, clock: fn() -> OffsetDateTime) -> Option<Self> {
        let tracer = traces::tracer()?;
        if request.method() != Method::POST || request.uri().path() != "/missions" {
            return None;
        }
        let parent = trace(request.headers(), None).map(|trace| trace.parent);
        let begun = tracer.begin(parent, NAME, Kind::Server);
        request.extensions_mut().insert(begun.context);
        Some(Self { tracer, begun, from: unix_micros(clock()), clock })
    }

    /// The id of its trace.
    pub(super) fn trace_id(&self) -> impl std::fmt::Display + use<> {
        self.begun.context.trace_id()
    }

    /// Records it.
    pub(super) fn end<B>(self, response: &Response<B>) {
        self.tracer.end(&self.begun, || {
            let status = response.status().as_u16();
            let mut attributes = vec![
                KeyValue::new("http.request.method", "POST"),
                KeyValue::new("http.route", "/missions"),
                KeyValue::new("url.path", "/missions"),
                KeyValue::new("http.response.status_code", i64::from(status)),
                KeyValue::new("spymission.role", Role::Gateway.name()),
            ];
            if let Some(summary) = response.extensions().get::<Summary>() {
                attributes.push(KeyValue::new("spymission.mission", summary.first.to_string()));
            }
            let (from, to) = (self.from, unix_micros((self.clock)()));
            let (name, kind, links) = (NAME.into(), Kind::Server, Vec::new());
            Span { name, kind, from, to, attributes, links }
        });
    }
}
