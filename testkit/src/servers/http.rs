//! One HTTP request, one reply: enough for the management API and for a look at a gateway.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An HTTP reply.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Sends one request to `base` (`http://host:port`) as the user guest.
///
/// It speaks HTTP/1.0, so the reply ends with the connection and is never chunked.
pub fn call(base: &str, method: &str, path: &str, body: &str) -> io::Result<Reply> {
    let address = base.strip_prefix("http://").unwrap_or(base).trim_end_matches('/');
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(15)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    parse(&String::from_utf8_lossy(&reply))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP reply"))
}

fn parse(reply: &str) -> Option<Reply> {
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.get(..3)?.parse().ok()?;
    Some(Reply { status, body: body.to_owned() })
}

/// Percent-encodes everything but letters, digits, `-`, `.`, `_`.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_has_status_and_body() {
        let reply = parse("HTTP/1.1 201 Created\r\nserver: x\r\n\r\n{}").unwrap();
        assert_eq!((reply.status, reply.body.as_str()), (201, "{}"));
        assert!(parse("not http").is_none());
    }

    #[test]
    fn the_default_virtual_host_is_encoded() {
        assert_eq!(encode("/"), "%2f");
        assert_eq!(encode("test-1.a_b"), "test-1.a_b");
    }
}
