//! The export: spans go into a bounded queue, and a thread of its own sends them in batches. What
//! finds the queue full is dropped, so that an endpoint that hangs costs the pipeline nothing.

use std::env;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::trace::{Link, SpanId, Status, TraceContextExt, TraceId};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{
    ExporterBuildError, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, Protocol,
    SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, Config, IdGenerator, RandomIdGenerator, SamplingDecision, ShouldSample,
    SpanData, SpanEvents, SpanLinks, SpanProcessor,
};

use crate::client::OnRuntime;
use crate::span::time;
use crate::{Context, Kind, Span};

/// The version of the semantic conventions.
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.43.0";
/// How long the end of a process waits for the last export.
const LAST_EXPORT: Duration = Duration::from_secs(2);

static TRACER: OnceLock<Tracer> = OnceLock::new();

/// What records spans; `None` when no endpoint is set.
pub fn tracer() -> Option<&'static Tracer> {
    TRACER.get()
}

/// Why traces cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum WrongSettings {
    /// A variable is wrong.
    #[error("OTEL_EXPORTER_OTLP_…: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// The HTTP client cannot be made.
    #[error("the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Begins to export if `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set
/// and `OTEL_SDK_DISABLED` is not `true`. `service` is the name of the service unless
/// `OTEL_SERVICE_NAME` has another one. To be called on a runtime, once.
///
/// # Errors
/// A variable is wrong.
pub fn begin(service: &str, version: &'static str) -> Result<(), WrongSettings> {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let endpoint = set(OTEL_EXPORTER_OTLP_ENDPOINT) || set(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
    let disabled = env::var("OTEL_SDK_DISABLED").is_ok_and(|on| on.eq_ignore_ascii_case("true"));
    if endpoint && !disabled {
        let tracer = Tracer::new(service, version)?;
        let _ = TRACER.set(tracer); // a second one would have the same settings
    }
    Ok(())
}

/// Exports what waits, for 2 s at most.
pub async fn end() {
    if let Some(tracer) = tracer() {
        let ending =
            tokio::task::spawn_blocking(|| tracer.processor.shutdown_with_timeout(LAST_EXPORT));
        if !matches!(tokio::time::timeout(LAST_EXPORT, ending).await, Ok(Ok(Ok(())))) {
            tracing::debug!("the last spans were not exported");
        }
    }
}

/// Records spans.
#[derive(Debug)]
pub struct Tracer {
    processor: BatchSpanProcessor,
    sampler: Box<dyn ShouldSample>,
    ids: RandomIdGenerator,
    scope: InstrumentationScope,
}

/// A span that has begun: what is sent on names it as its parent.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    /// The span.
    pub context: Context,
    parent: Option<Context>,
}

impl Tracer {
    fn new(service: &str, version: &'static str) -> Result<Self, WrongSettings> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(OnRuntime::new()?)
            .with_protocol(Protocol::HttpBinary)
            .build()?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        processor.set_resource(&resource(service, version));
        let scope = InstrumentationScope::builder("spymission");
        Ok(Self {
            processor,
            sampler: Config::default().sampler, // `OTEL_TRACES_SAMPLER`, else the parent's decision
            ids: RandomIdGenerator::default(),
            scope: scope.with_version(version).with_schema_url(SCHEMA).build(),
        })
    }

    /// Begins a span in the trace of its parent, or in a new trace. The sampler decides whether it
    /// is recorded.
    pub fn begin(&self, parent: Option<Context>, name: &str, kind: Kind) -> Begun {
        let (trace, span) = (parent.map(|parent| parent.trace), self.ids.new_span_id());
        let trace = trace.unwrap_or_else(|| self.ids.new_trace_id());
        let sampled = self.samples(parent, trace, name, &kind);
        Begun { context: Context { trace, span, sampled }, parent }
    }

    fn samples(&self, parent: Option<Context>, trace: TraceId, name: &str, kind: &Kind) -> bool {
        let remote = parent.map(|parent| parent.of_span(true));
        let around = opentelemetry::Context::new();
        let around = remote.map_or(around.clone(), |span| around.with_remote_span_context(span));
        let sampled = self.sampler.should_sample(Some(&around), trace, name, kind, &[], &[]);
        sampled.decision == SamplingDecision::RecordAndSample
    }

    /// Records a span that has ended, and makes it only if its trace is recorded. It waits for
    /// nothing: when too many wait, it is dropped.
    pub fn end(&self, begun: &Begun, span: impl FnOnce() -> Span) {
        if begun.context.sampled {
            self.export(begun, span());
        }
    }

    /// Records a span within one of this process, and makes it only if that one is recorded.
    pub fn record(&self, parent: Context, span: impl FnOnce() -> Span) {
        if parent.sampled {
            let context = Context { span: self.ids.new_span_id(), ..parent };
            self.export(&Begun { context, parent: Some(parent) }, span());
        }
    }

    fn export(&self, begun: &Begun, span: Span) {
        let Begun { context, parent } = begun;
        let mut links = SpanLinks::default();
        let link = |context: Context| Link::new(context.of_span(true), Vec::new(), 0);
        links.links = span.links.into_iter().map(link).collect();
        self.processor.on_end(SpanData {
            span_context: context.of_span(false),
            parent_span_id: parent.map_or(SpanId::INVALID, |parent| parent.span),
            parent_span_is_remote: parent.is_some(),
            span_kind: span.kind,
            name: span.name,
            start_time: time(span.from),
            end_time: time(span.to.max(span.from)),
            attributes: span.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links,
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        });
    }
}

fn resource(service: &str, version: &'static str) -> Resource {
    let named = env::var_os("OTEL_SERVICE_NAME").is_some_and(|name| !name.is_empty());
    let builder = Resource::builder(); // `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`
    let builder = if named { builder } else { builder.with_service_name(service.to_owned()) };
    builder.with_attribute(KeyValue::new("service.version", version)).build()
}

#[cfg(test)]
mod tests;
