//! One batch on its way to the broker: its properties, what is remembered of it, and its spans.

use bus::Envelope;
use schemas::{Role, topology, unix_micros};
use time::OffsetDateTime;
use tokio::time::Instant;
use traces::{Begun, Context, KeyValue, Kind, Span};
use uuid::Uuid;

use crate::config::Config;
use crate::correlator::{Batch, BatchEntry};
use crate::timeline::Record;

/// A batch that is being published.
pub(crate) struct Publishing<'a> {
    batch: &'a Batch,
    /// Its message id.
    pub(crate) message: Uuid,
    began: Instant,
    /// When it began, in Unix microseconds.
    at: u64,
    /// The caller whose trace it belongs to: the first one whose trace is recorded, else the first
    /// that has a trace. It links to the others, so that no trace is lost.
    main: Option<usize>,
    span: Option<Begun>,
    clock: fn() -> OffsetDateTime,
}

/// The span of the publish.
const NAME: &str = "send mission.requests";

fn context(caller: &BatchEntry) -> Option<Context> {
    caller.trace.as_ref().map(|trace| trace.parent)
}

impl<'a> Publishing<'a> {
    pub(crate) fn begin(batch: &'a Batch, config: &Config) -> Self {
        let message = (config.new_id)();
        // In this order: a caller never seems to have been admitted before it asked.
        let (began, at) = (Instant::now(), unix_micros((config.clock)()));
        let recorded = |caller| context(caller).is_some_and(|context| context.is_sampled());
        let recorded = batch.callers.iter().position(recorded);
        let main = recorded.or_else(|| batch.callers.iter().position(|c| c.trace.is_some()));
        let parent = main.and_then(|main| context(batch.callers.get(main)?));
        let tracer = traces::tracer().filter(|_| parent.is_some());
        let span = tracer.map(|tracer| tracer.begin(parent, NAME, Kind::Producer));
        Self { batch, message, began, at, main, span, clock: config.clock }
    }

    /// The trace that the message belongs to.
    fn trace(&self) -> Option<Context> {
        let main = || context(self.batch.callers.get(self.main?)?);
        self.span.map(|span| span.context).or_else(main)
    }

    /// The contexts of the callers but the main one.
    fn others(&self) -> impl Iterator<Item = Context> {
        let callers = self.batch.callers.iter().enumerate();
        callers.filter(|(place, _)| Some(*place) != self.main).filter_map(|(_, c)| context(c))
    }

    /// The properties. The replies carry the message id back as their correlation id.
    pub(crate) fn envelope(&self, address: &str) -> Envelope {
        let message = self.message.to_string();
        let main = self.main.and_then(|main| self.batch.callers.get(main)?.trace.as_ref());
        Envelope {
            message_id: Some(message.clone()),
            correlation_id: Some(message),
            reply_to: Some(address.to_owned()),
            timestamp: Some(self.at / 1_000_000),
            traceparent: self.trace().map(|trace| trace.to_string()),
            tracestate: main.and_then(|trace| trace.state.clone()),
            links: traces::links(self.others()),
            ..Envelope::default()
        }
    }

    /// What is remembered of it.
    pub(crate) fn record(&self) -> Record {
        let callers = self.batch.callers.iter();
        let admitted = callers.map(|caller| (caller.first, self.admitted(caller)));
        Record::new(self.message, &self.batch.request.missions, admitted.collect(), self.at)
    }

    fn admitted(&self, caller: &BatchEntry) -> u64 {
        let waited = self.began.saturating_duration_since(caller.since).as_micros();
        self.at.saturating_sub(u64::try_from(waited).unwrap_or(u64::MAX))
    }

    /// The broker has confirmed it, now. Tells of it, and returns when that was.
    pub(crate) fn confirmed(&self) -> u64 {
        let at = unix_micros((self.clock)());
        let missions = self.batch.request.missions.as_slice();
        tracing::debug!(
            role = Role::Gateway.name(),
            mission = missions.first().map(tracing::field::display),
            missions = Some(missions.len()).filter(|missions| *missions > 1),
            callers = self.batch.callers.len(),
            micros = at.saturating_sub(self.at),
            trace_id = self.trace().map(|trace| tracing::field::display(trace.trace_id())),
            "published"
        );
        self.tell(at);
        at
    }

    /// Records the publish, and how long each caller has waited for it.
    fn tell(&self, confirmed: u64) {
        let Some((tracer, publish)) = traces::tracer().zip(self.span) else { return };
        tracer.end(&publish, || self.sent(confirmed));
        for caller in &self.batch.callers {
            let Some(request) = context(caller) else { continue };
            tracer.record(request, || Span {
                name: "wait for publish".into(),
                kind: Kind::Internal,
                from: self.admitted(caller),
                to: self.at,
                attributes: vec![KeyValue::new("spymission.role", Role::Gateway.name())],
                links: vec![publish.context],
            });
        }
    }

    /// The span of the publish.
    fn sent(&self, confirmed: u64) -> Span {
        let missions = i64::try_from(self.batch.request.missions.len()).unwrap_or(i64::MAX);
        let links = self.others().filter(Context::is_sampled).take(traces::MOST_LINKS);
        let sent = traces::send(topology::REQUESTS.name, Role::Gateway, self.at, confirmed);
        let more = [
            KeyValue::new("messaging.message.id", self.message.to_string()),
            KeyValue::new("spymission.missions", missions),
        ];
        let attributes = [sent.attributes, more.into()].concat();
        Span { attributes, links: links.collect(), ..sent }
    }
}
