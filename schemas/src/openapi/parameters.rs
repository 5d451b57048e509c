//! Parameters: in the path, in the query, in header fields. Operations refer to them.

use serde_json::{Value, json};

use crate::dead_letter::{BatchId, State};
use crate::http::{CURSOR as PATTERN, PAGE_CURSOR};
use crate::sample::{ACCEPTED, CURSOR, ID, KEY, LETTER, TRACEPARENT};
use crate::{DeadLetter, DossierPrefix, MissionIds, ProblemKind, Text};

/// The id of a caller's request: a UUID that ends in a zero byte.
const REQUESTS: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{10}00$";

/// A text without control characters, and without spaces around it.
const TEXTS: &str = concat!(
    r"^[^\s\u0000-\u001f\u007f-\u009f]",
    r"([^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?$",
);

/// Every parameter, as components.
pub(super) fn all() -> Value {
    let mut all = json!({
        "id": {
            "name": "id", "in": "path", "required": true,
            "description": "The id of the mission.",
            "schema": { "type": "string", "format": "uuid" }, "example": ID,
        },
        "letter": {
            "name": "letter", "in": "path", "required": true,
            "description": "The id of the dead letter.",
            "schema": { "type": "string", "format": "uuid" }, "example": LETTER,
        },
        "batch": {
            "name": "batch", "in": "path", "required": true,
            "description": "The `id` of a replay, a correction or a discard.",
            "schema": { "type": "string", "format": "uuid", "pattern": BatchId::PATTERN },
            "example": ID,
        },
        "word": {
            "name": "word", "in": "path", "required": true,
            "description": "The word that ends a problem's `type`.",
            "schema": { "type": "string", "enum": ProblemKind::ALL.map(ProblemKind::word) },
            "example": ProblemKind::Invalid.word(),
        },
    });
    if let Value::Object(all) = &mut all {
        all.extend(queries().chain(headers()));
    }
    all
}

type Named = (String, Value);

fn queries() -> impl Iterator<Item = Named> {
    positions().into_iter().chain(filters()).chain(of_a_request()).chain(of_letters())
}

/// Which part of the list a page shows.
fn positions() -> [Named; 4] {
    let cursor = json!({ "type": "string", "pattern": PAGE_CURSOR });
    let cursor_or_nothing = json!({ "type": "string", "pattern": format!("^$|{PATTERN}") });
    [
        query("limit", "The most missions of one page; 20 without it.", counts(), 20),
        query(
            "cursor",
            "Where the page is: `next` or `prev` of another page, unchanged.",
            cursor,
            CURSOR,
        ),
        query(
            "format",
            "The format of the response, instead of `Accept`: for a link.",
            json!({ "enum": ["json", "html", "text", "csv"] }),
            "csv",
        ),
        query(
            "lastEventId",
            "Like the header `Last-Event-ID`, for clients that cannot send it. The header has \
            priority.",
            cursor_or_nothing,
            CURSOR,
        ),
    ]
}

/// Which missions the list has.
fn filters() -> [Named; 6] {
    let text = json!({
        "type": "string", "minLength": 1, "maxLength": Text::MAX, "pattern": TEXTS,
    });
    let time = json!({ "type": "string", "format": "date-time" });
    [
        query(
            "objective",
            "Only missions with exactly this objective.",
            text.clone(),
            "Steal the DB_URI from",
        ),
        query(
            "target",
            "Only missions with exactly this target.",
            text.clone(),
            "the flask developer",
        ),
        query(
            "dossier",
            "Only missions whose dossier begins with this.",
            json!({ "type": "string", "pattern": DossierPrefix::PATTERN }),
            "19 z",
        ),
        query("casebook", "Only missions of the casebook with this name.", text, "malory"),
        query(
            "since",
            "Only missions stored at this time or later: RFC 3339, not before 1970.",
            time.clone(),
            "2026-11-22T00:00:00Z",
        ),
        query(
            "until",
            "Only missions stored before this time: RFC 3339, not before 1970.",
            time,
            "2026-11-23T00:00:00Z",
        ),
    ]
}

/// The missions of one request, instead of a page.
fn of_a_request() -> [Named; 3] {
    let request = json!({ "type": "string", "format": "uuid", "pattern": REQUESTS });
    [
        query(
            "request",
            "The missions of this request only, instead of a page. It needs `count`. `Location` \
            of a `POST` has both.",
            request,
            ID,
        ),
        query("count", "How many missions were requested. It needs `request`.", counts(), 3),
        query(
            "accepted",
            "When the request was accepted: Unix seconds, signed by the gateway. Take it unchanged \
            from `Location` of a 202. For a day from then the response is 202, and not 404, while the missions are not stored.",
            json!({ "type": "string", "pattern": "^[0-3]?[0-9]{1,9}-[0-9a-f]{24}$" }),
            ACCEPTED,
        ),
    ]
}

/// Which dead letters are meant.
fn of_letters() -> [Named; 10] {
    let phrase = |most: usize| json!({ "type": "string", "minLength": 1, "maxLength": most, "pattern": TEXTS });
    let time = json!({ "type": "string", "format": "date-time" });
    let words = [State::NAMED_OPEN, State::NAMED_ALL].into_iter();
    let states: Vec<_> = words.chain(State::ALL.map(State::word)).collect();
    let counts = json!({ "type": "integer", "minimum": 0, "maximum": BatchId::MOST });
    let other = |component: &str,
                 (name, description, schema, example): (&str, &str, Value, &str)| {
        (component.to_owned(), query(name, description, schema, example).1)
    };
    [
        query(
            "reason",
            "Only letters with this reason: its first word, as `set-aside`, or a `group`.",
            phrase(DeadLetter::MAX_REASON),
            "set-aside",
        ),
        query(
            "role",
            "Only letters that this role set aside.",
            phrase(DeadLetter::MAX_NAME),
            "decider",
        ),
        query(
            "text",
            "Only letters with this text in reason, message id or body.",
            phrase(256),
            "019abc00",
        ),
        other(
            "letters-cursor",
            (
                "cursor",
                "Where the page begins: `next` of the page before, unchanged.",
                json!({ "type": "string", "pattern": PATTERN }),
                CURSOR,
            ),
        ),
        other(
            "set-aside-since",
            (
                "since",
                "Only letters set aside at this time or later.",
                time.clone(),
                "2026-11-22T00:00:00Z",
            ),
        ),
        other(
            "set-aside-until",
            ("until", "Only letters set aside before this time.", time, "2026-11-23T00:00:00Z"),
        ),
        other(
            "letter-state",
            (
                "state",
                "Only letters in this state; `open` are those that wait for a decision.",
                json!({ "type": "string", "enum": states }),
                "all",
            ),
        ),
        other(
            "letter-or-filter",
            (
                "letter",
                "Only this letter; then there is no filter.",
                json!({ "type": "string", "format": "uuid" }),
                LETTER,
            ),
        ),
        query("do", "What would be done.", json!({ "enum": ["replay", "discard"] }), "replay"),
        (
            "letters-count".to_owned(),
            query("count", "How many letters it is about; `Location` has it.", counts, 12).1,
        ),
    ]
}

/// A number of missions.
fn counts() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": MissionIds::MAX })
}

fn query(name: &str, description: &str, schema: Value, example: impl Into<Value>) -> Named {
    parameter(name, "query", description, schema, example.into())
}

fn headers() -> [Named; 7] {
    let text = || json!({ "type": "string" });
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" });
    let header = |name, description, schema, example: &str| {
        parameter(name, "header", description, schema, example.into())
    };
    [
        header(
            "Idempotency-Key",
            "A key of your own, with or without double quotes. The same key always means the same \
            missions. All callers share one set of keys, so use UUIDs.",
            key,
            KEY,
        ),
        header(
            "Prefer",
            "RFC 7240: `respond-async` for a 202 as soon as the request is confirmed (201 if the \
            missions are stored by then), `wait=N` to wait at most N seconds. Unknown preferences are ignored.",
            text(),
            "respond-async",
        ),
        header(
            "traceparent",
            "W3C Trace Context; it is passed on with every message.",
            text(),
            TRACEPARENT,
        ),
        header(
            "tracestate",
            "W3C Trace Context; only together with a `traceparent`.",
            text(),
            "vendor=1",
        ),
        header("If-None-Match", "The `ETag` of an earlier response.", text(), "W/\"1a2b\""),
        header(
            "Last-Event-ID",
            "The `id` of the last event that was received: a cursor. The stream begins with the \
            missions after it. An empty value is ignored.",
            json!({ "type": "string", "pattern": format!("^$|{PATTERN}") }),
            CURSOR,
        ),
        header(
            "x-request-id",
            "1 to 128 visible ASCII characters; another value is replaced.",
            text(),
            "my-request-1",
        ),
    ]
}

fn parameter(name: &str, place: &str, description: &str, schema: Value, example: Value) -> Named {
    let object = json!({
        "name": name, "in": place, "description": description,
        "schema": schema, "example": example,
    });
    (name.to_owned(), object)
}
