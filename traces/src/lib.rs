//! Traces: spans of the pipeline, exported over OTLP (HTTP, protobuf).
//!
//! A span is a record that a hop makes when its work is done, from the same times that its
//! [stamp](schemas::Stamp) has. Nothing is recorded unless an endpoint is set: [`tracer`] is `None`
//! then, and that is all it costs. A message carries the [`Context`] of the span that sent it, and
//! the contexts of further callers as links.
//!
//! Names and attributes follow the semantic conventions of OpenTelemetry 1.43.0 for HTTP, messaging
//! and databases.

mod client;
mod context;
mod export;
mod span;

pub use context::{Context, MOST_LINKS, linked, links};
pub use export::{Begun, Tracer, WrongSettings, begin, end, tracer};
pub use opentelemetry::KeyValue;
pub use opentelemetry::trace::SpanKind as Kind;
pub use span::{Span, hop, send};
