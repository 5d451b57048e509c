//! The decoders of what a client sends, by themselves: for fuzzing.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use schemas::{IdempotencyKey, Problem};
use store::Cursor;

use crate::edge::client::{Client, Peer, Proxies};
use crate::missions::{events, key, prefer, query};
use crate::representation::{Accept, Format};

/// Headers with this one; without it, if HTTP does not allow the value.
fn headers(name: &'static str, value: &[u8]) -> HeaderMap {
    let value = HeaderValue::from_bytes(value).ok();
    value
        .map(|value| HeaderMap::from_iter([(header::HeaderName::from_static(name), value)]))
        .unwrap_or_default()
}

/// The media type that a client with this `Accept` gets; `None` if it accepts none of ours.
pub fn accept(value: &[u8]) -> Option<&'static str> {
    let headers = headers("accept", value);
    Format::preferred(&headers, &Format::OF_MISSIONS).map(Format::media_type)
}

/// The client that this `X-Forwarded-For` of a trusted proxy names.
pub fn forwarded(value: &[u8]) -> String {
    let headers = headers("x-forwarded-for", value);
    let peer = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let proxies: Proxies = "127.0.0.0/8,10.0.0.0/8".parse().unwrap_or_default();
    Client::who_sent(Some(peer), &headers, &proxies).to_string()
}

/// How long a caller with this `Prefer` waits, and the value of `Preference-Applied`.
pub fn prefer(value: &[u8], most: Duration) -> (Duration, Option<String>) {
    let preference = prefer::Preference::of(&headers("prefer", value), most);
    (preference.patience(most), preference.applied())
}

/// Whether a client with this `If-None-Match` has the representation with this tag.
pub fn if_none_match(value: &[u8], tag: &str) -> bool {
    Accept::new(&headers("if-none-match", value), Format::Json).has(tag)
}

/// The position that this `Last-Event-ID`, or the query, names.
///
/// # Errors
/// The problem that the client is told.
pub fn last_event_id(value: &[u8], query: &str) -> Result<Option<Cursor>, Problem> {
    let headers = headers("last-event-id", value);
    events::last_event_id(&headers, query).map_err(|refusal| *refusal.problem)
}

/// The key that this `Idempotency-Key` names.
///
/// # Errors
/// The problem that the client is told.
pub fn idempotency_key(value: &[u8]) -> Result<Option<IdempotencyKey>, Problem> {
    key::key(&headers("idempotency-key", value))
}

/// Reads the query of the list of missions.
///
/// # Errors
/// The problem that the client is told.
pub fn query(query: &str) -> Result<(), Problem> {
    query::listing(query).map(drop)
}
