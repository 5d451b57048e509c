//! Reading an HTTP/1.1 reply with as little work as possible.

use std::io;
use std::ops::Range;

/// The positions of the parts of a reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Range<usize>,
    /// Whether the server closes the connection after this reply.
    pub(super) close: bool,
}

/// The reply in `buffer`, `None` while it is incomplete.
pub(super) fn parse(buffer: &[u8]) -> io::Result<Option<Reply>> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = buffer.get(..end).unwrap_or_default();
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "a reply without a length");
    let head = str::from_utf8(head).map_err(|_| malformed())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let (mut length, mut close) = (None, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            close = value.trim().eq_ignore_ascii_case("close");
        }
    }
    let (status, length): (u16, usize) = status.zip(length).ok_or_else(malformed)?;
    let body = end + 4..end + 4 + length;
    Ok((buffer.len() >= body.end).then_some(Reply { status, body, close }))
}

/// The first `"id"` in a JSON body, if it is a UUID. Found as text: parsing JSON at this rate would
/// take a share of the machine from the gateway.
pub(super) fn id(body: &[u8]) -> Option<u128> {
    let body = str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once("\"id\"")?;
    let text = rest.trim_start_matches([':', ' ', '"']).get(..36)?;
    let mut id = 0;
    for byte in text.bytes().filter(|byte| *byte != b'-') {
        id = id << 4 | u128::from(char::from(byte).to_digit(16)?);
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &[u8] =
        b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    #[test]
    fn a_reply_is_complete_with_its_last_byte() {
        for missing in 1..REPLY.len() {
            assert_eq!(parse(&REPLY[..REPLY.len() - missing]).unwrap(), None);
        }
        let reply = parse(REPLY).unwrap().unwrap();
        assert_eq!((reply.status, &REPLY[reply.body], reply.close), (201, &b"{}"[..], true));
    }

    #[test]
    fn a_reply_needs_a_status_and_a_length() {
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(parse(b"SSH-2.0\r\ncontent-length: 1\r\n\r\n").is_err());
    }

    #[test]
    fn the_id_is_read_from_the_body() {
        let body = br#"{"id": "00000000-0000-0000-0000-0000000000ff","dossier":"19 z"}"#;
        assert_eq!(id(body), Some(255));
        assert_eq!(id(br#"{"id":"short"}"#), None);
        assert_eq!(id(b"{}"), None);
    }
}
