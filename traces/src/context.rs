//! W3C Trace Context: which trace a message belongs to, and which span sent it.

use std::fmt;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The most links that a message carries: OpenTelemetry keeps no more of one span.
pub const MOST_LINKS: usize = 128;

/// A span in its trace; written as a `traceparent` of version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    /// Whether the spans of this trace are recorded.
    pub(crate) sampled: bool,
}

impl Context {
    /// Reads a `traceparent`: `version-trace-parent-flags` in lower-case hexadecimal digits
    /// (section 3.2.2 of the standard), neither id all zero.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let mut parts = traceparent.split('-');
        let (version, trace) = (parts.next()?, parts.next()?);
        let (span, flags) = (parts.next()?, parts.next()?);
        let well_formed = version == "00" && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
        if !well_formed || parts.next().is_some() {
            return None;
        }
        let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        let valid = trace != TraceId::INVALID && span != SpanId::INVALID;
        valid.then_some(Self { trace, span, sampled })
    }

    /// Whether the spans of this trace are recorded.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// The id of the trace: 32 hexadecimal digits.
    pub fn trace_id(&self) -> impl fmt::Display + use<> {
        self.trace
    }

    pub(crate) fn of_span(self, remote: bool) -> SpanContext {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        SpanContext::new(self.trace, self.span, flags, remote, TraceState::NONE)
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

/// The header `links` for these contexts: those that are sampled, at most [`MOST_LINKS`].
pub fn links(contexts: impl IntoIterator<Item = Context>) -> Option<String> {
    let sampled = contexts.into_iter().filter(|context| context.sampled).take(MOST_LINKS);
    let written: Vec<_> = sampled.map(|context| context.to_string()).collect();
    (!written.is_empty()).then(|| written.join(","))
}

/// The contexts in a header `links`. What cannot be read is left out.
pub fn linked(links: &str) -> impl Iterator<Item = Context> {
    links.split(',').take(MOST_LINKS).filter_map(Context::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn only_a_traceparent_of_the_standard_is_read() {
        let context = Context::parse(PARENT).unwrap();
        assert!(context.is_sampled());
        assert_eq!(context.to_string(), PARENT);
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            &format!("{PARENT}-01"),
        ] {
            assert_eq!(Context::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn links_are_bounded_sampled_and_read_back() {
        let of = |n: u64, sampled| Context {
            trace: TraceId::from(u128::from(n)),
            span: SpanId::from(n),
            sampled,
        };
        let contexts = (1..=400).map(|n| of(n, n % 2 == 0));
        let header = links(contexts).unwrap();
        let read: Vec<_> = linked(&header).collect();
        assert_eq!(read, (1..=MOST_LINKS as u64).map(|n| of(2 * n, true)).collect::<Vec<_>>());
        assert_eq!(links([of(1, false)]), None);
        assert_eq!(linked(&format!("x,{PARENT},")).count(), 1);
    }
}
