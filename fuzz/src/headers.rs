//! Headers of HTTP requests.

use std::time::Duration;

use gateway::decoders;

/// `Accept` chooses one of what is offered.
pub(crate) fn accept(bytes: &[u8]) {
    if let Some(chosen) = decoders::accept(bytes) {
        assert!(chosen.contains('/'));
    }
}

/// `X-Forwarded-For` is read from the right, and names an address.
pub(crate) fn forwarded(bytes: &[u8]) {
    let client = decoders::forwarded(bytes);
    assert!(client.parse::<std::net::IpAddr>().is_ok() || client.ends_with("/64"), "{client}");
}

/// `Prefer` never makes a caller wait longer than the gateway lets it.
pub(crate) fn prefer(bytes: &[u8]) {
    let most = Duration::from_secs(10);
    let (patience, applied) = decoders::prefer(bytes, most);
    assert!(patience <= most);
    assert!(applied.is_none_or(|applied| applied.len() < 40));
}

/// `If-None-Match`: the second half of the header is had if the first half is a list that names it.
pub(crate) fn if_none_match(bytes: &[u8]) {
    let (header, tag) = bytes.split_at(bytes.len() / 2);
    let _ = decoders::if_none_match(header, &String::from_utf8_lossy(tag));
    assert!(!decoders::if_none_match(b"", "W/\"a\""));
}

/// `Last-Event-ID` is a position that is written as it was read.
pub(crate) fn last_event_id(bytes: &[u8]) {
    let (header, query) = bytes.split_at(bytes.len() / 2);
    for header in [header, bytes] {
        if let Ok(Some(cursor)) = decoders::last_event_id(header, &String::from_utf8_lossy(query)) {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }
}

/// `Idempotency-Key`: one that is taken bare is the same in quotation marks.
pub(crate) fn idempotency_key(bytes: &[u8]) {
    if let Ok(Some(key)) = decoders::idempotency_key(bytes) {
        assert_eq!(decoders::idempotency_key(bytes), Ok(Some(key)));
    }
}
