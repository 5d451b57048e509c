//! What a span costs that is not recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SpanExporter};

use super::*;

/// Counts what is exported.
#[derive(Debug, Default, Clone)]
struct Exported(Arc<AtomicUsize>);

impl SpanExporter for Exported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len(), Relaxed);
        Ok(())
    }
}

fn tracer(sampler: Sampler) -> (Tracer, Exported) {
    let exported = Exported::default();
    let tracer = Tracer {
        processor: BatchSpanProcessor::builder(exported.clone()).build(),
        sampler: Box::new(sampler),
        ids: RandomIdGenerator::default(),
        scope: InstrumentationScope::builder("test").build(),
    };
    (tracer, exported)
}

/// How many spans are made, and how many exported, of a span and one within it.
fn made(sampler: Sampler) -> (usize, usize) {
    let (tracer, exported) = tracer(sampler);
    let made = AtomicUsize::new(0);
    let span = || {
        made.fetch_add(1, Relaxed);
        let (name, kind, attributes, links) = ("it".into(), Kind::Internal, Vec::new(), Vec::new());
        Span { name, kind, from: 1, to: 2, attributes, links }
    };
    let begun = tracer.begin(None, "it", Kind::Internal);
    tracer.record(begun.context, span);
    tracer.end(&begun, span);
    tracer.processor.shutdown_with_timeout(LAST_EXPORT).unwrap();
    (made.load(Relaxed), exported.0.load(Relaxed))
}

#[test]
fn a_span_is_made_only_if_its_trace_is_recorded() {
    assert_eq!(made(Sampler::AlwaysOn), (2, 2));
    assert_eq!(made(Sampler::AlwaysOff), (0, 0));
}
