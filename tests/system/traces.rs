//! Traces over OTLP: every hop of a mission, with its parents and links.

use std::collections::HashSet;

use futures_util::future::join_all;
use lapin::types::{AMQPValue, FieldTable};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use schemas::Role;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::amqp_callers::{asking, publish};
use crate::caller::Caller;
use crate::otlp::{Sink, Span};
use crate::process::Process;
use crate::system::{Embedded, System, ask, eventually};

/// How a collector is named to a process.
fn exporting(endpoint: &str) -> [(&str, &str); 2] {
    [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_BSP_SCHEDULE_DELAY", "100")]
}

/// One process of every role, each exporting to the sink.
async fn all_roles(system: &System, sink: &Sink) -> Vec<Process> {
    let environment = exporting(&sink.endpoint);
    let workers = Role::all_but(&[Role::Gateway]).into_iter();
    let mut processes: Vec<_> =
        workers.map(|role| system.worker_in(&environment, role.name())).collect();
    processes.push(system.gateway_in(&environment).await);
    processes
}

/// The hops of a message, each with the role that makes it.
const HOPS: [(&str, &str); 5] = [
    ("process mission.requests", "decider"),
    ("process mission.numbers", "number"),
    ("process mission.letters", "letter"),
    ("process mission.decisions", "persister"),
    ("INSERT missions", "persister"),
];

/// The reply: the name of its span, who sends it, and the span of what it was sent for.
type Reply = (&'static str, &'static str, &'static str);

/// A gateway has its reply from the persister.
const TO_A_GATEWAY: Reply = ("send mission.replies", "persister", "process mission.decisions");
/// A foreign caller has it from the decider.
const TO_A_CALLER: Reply = ("send amq.default", "decider", "process mission.requests");

/// The spans of this trace once it has all of these.
async fn trace(sink: &Sink, trace: &str, names: &[&str]) -> Vec<Span> {
    let mut found = Vec::new();
    eventually("all spans of a trace", async || {
        found = sink.spans().into_iter().filter(|span| span.trace == trace).collect();
        names.iter().all(|name| found.iter().any(|span: &Span| span.name == *name))
    })
    .await;
    found
}

/// The names of all hops, and of this reply.
fn hops((reply, ..): Reply) -> Vec<&'static str> {
    HOPS.iter().map(|(name, _)| *name).chain([reply]).collect()
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut named = spans.iter().filter(|span| span.name == name);
    let found = named.next().unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
    assert!(named.next().is_none(), "two {name}");
    found
}

/// Checks that the hops behind `parent` are there, each once, with the right parents and services.
fn assert_hops(spans: &[Span], parent: &str, (reply, sender, sent_for): Reply) {
    let decide = named(spans, "process mission.requests");
    assert_eq!(decide.parent, parent);
    assert_eq!(
        (decide.kind, &*decide.attributes["spymission.settled"]),
        (SpanKind::Consumer, "done")
    );
    for (name, role) in HOPS.into_iter().chain([(reply, sender)]) {
        let span = named(spans, name);
        assert_eq!(span.service, format!("spymission-{role}"), "{name}");
        assert_eq!(span.attributes["spymission.role"], role);
        assert!(span.from <= span.to, "{span:?}");
        let parent = match name {
            "process mission.requests" => continue,
            "INSERT missions" => named(spans, "process mission.decisions"),
            name if name == reply => named(spans, sent_for),
            _ => decide,
        };
        assert_eq!(span.parent, parent.id, "{name}");
    }
    let insert = named(spans, "INSERT missions");
    assert_eq!(insert.attributes["db.system.name"], "mysql");
    assert_eq!(insert.attributes["db.collection.name"], "missions");
    let numbers = named(spans, "process mission.numbers");
    assert_eq!(numbers.attributes["messaging.system"], "rabbitmq");
    assert_eq!(numbers.attributes["messaging.destination.name"], "mission.numbers");
    assert_eq!(numbers.attributes["messaging.operation.type"], "process");
}

fn traceparent(trace: Uuid) -> String {
    format!("00-{}-00f067aa0ba902b7-01", trace.simple())
}

#[tokio::test]
async fn one_of_64_concurrent_requests_has_a_trace_with_every_hop() {
    let (system, sink) = (System::new().await, Sink::open().await);
    let _roles = all_roles(&system, &sink).await;
    let traces: Vec<_> = (0..64).map(|_| Uuid::new_v4()).collect();
    let (client, url) = (reqwest::Client::new(), format!("{}/missions", system.gateway));
    let posting = traces
        .iter()
        .map(|trace| client.post(&url).header("traceparent", traceparent(*trace)).send());
    for response in join_all(posting).await {
        assert_eq!(response.unwrap().status(), 201);
    }
    for id in &traces {
        let id = id.simple().to_string();
        let spans = trace(&sink, &id, &["POST /missions", "wait for publish"]).await;
        let (post, wait) = (named(&spans, "POST /missions"), named(&spans, "wait for publish"));
        assert_eq!((post.kind, post.parent.as_str()), (SpanKind::Server, "00f067aa0ba902b7"));
        assert_eq!(post.attributes["http.response.status_code"], "201");
        assert_eq!((wait.parent.as_str(), wait.kind), (post.id.as_str(), SpanKind::Internal));
        assert!(post.from <= wait.from && wait.to <= post.to, "{post:?} {wait:?}");
        // The message that it shares with others is a span of the trace of one of them.
        let [(shared, publish)] = &wait.links[..] else { panic!("{wait:?}") };
        let names = [hops(TO_A_GATEWAY), vec!["send mission.requests"]].concat();
        let spans = trace(&sink, shared, &names).await;
        let sent = named(&spans, "send mission.requests");
        assert_eq!((&sent.id, sent.kind), (publish, SpanKind::Producer));
        assert_hops(&spans, &sent.id, TO_A_GATEWAY);
        // Its hops tell whose they are: those of the trace itself by it, the others by links.
        let own = (id.clone(), post.id.clone());
        let of_message = [
            "send mission.requests",
            "process mission.requests",
            "process mission.numbers",
            "process mission.letters",
            "process mission.decisions",
        ];
        for name in of_message {
            let linked = named(&spans, name).links.contains(&own);
            assert_ne!(linked, *shared == id, "{name}");
        }
    }
    let services: HashSet<_> = sink.spans().into_iter().map(|span| span.service).collect();
    assert_eq!(services.len(), Role::ALL.len());
}

#[tokio::test]
async fn a_request_over_amqp_continues_the_trace_of_its_caller() {
    let (system, sink) = (System::new().await, Sink::open().await);
    let _roles = all_roles(&system, &sink).await;
    let mut caller = Caller::connect(&system).await;
    let (mission, id) = (Uuid::new_v4(), Uuid::new_v4());
    let mut headers = FieldTable::default();
    let parent = traceparent(id);
    headers.insert("traceparent".into(), AMQPValue::LongString(parent.as_str().into()));
    let asked = asking(&mission.to_string(), &caller.queue).with_headers(headers);
    publish(&caller, b"{}", asked).await;
    caller.mission().await;
    let spans = trace(&sink, &id.simple().to_string(), &hops(TO_A_CALLER)).await;
    assert_hops(&spans, "00f067aa0ba902b7", TO_A_CALLER);
    let decide = named(&spans, "process mission.requests");
    assert_eq!(decide.attributes["spymission.mission"], mission.to_string());
}

#[tokio::test]
async fn a_trace_that_its_caller_does_not_record_is_not_exported() {
    let sink = Sink::open().await;
    let up = Embedded::start_in(&exporting(&sink.endpoint)).await;
    let (client, url) = (reqwest::Client::new(), format!("{}/missions", up.gateway));
    let unrecorded = traceparent(Uuid::new_v4()).replace("-01", "-00");
    let response = client.post(&url).header("traceparent", unrecorded).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let recorded = Uuid::new_v4();
    client.post(&url).header("traceparent", traceparent(recorded)).send().await.unwrap();
    trace(
        &sink,
        &recorded.simple().to_string(),
        &[hops(TO_A_GATEWAY), vec!["POST /missions"]].concat(),
    )
    .await;
    let traces: HashSet<_> = sink.spans().into_iter().map(|span| span.trace).collect();
    assert_eq!(traces, HashSet::from([recorded.simple().to_string()]));
}

#[tokio::test]
async fn an_endpoint_that_hangs_costs_no_request_anything_and_delays_no_stop() {
    // It accepts connections in its backlog and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", hanging.local_addr().unwrap());
    let mut up = Embedded::start_in(&exporting(&endpoint)).await;
    for _ in 0..600 {
        ask(&up.gateway).await; // more spans than wait for the export
    }
    let begun = std::time::Instant::now();
    assert!(up.process.stop().await.success());
    assert!(begun.elapsed().as_secs() < 8, "{:?}", begun.elapsed());
}
