//! Words in addresses, queries and headers.

use schemas::{CallerRequest, CreatedAt, Dossier, DossierPrefix, MissionId, ServerAddress, Stamps};
use store::{Cursor, LetterCursor, PageCursor};

/// What can be read is written and read as the same again.
fn round<T: std::str::FromStr + ToString + PartialEq>(text: &str) {
    let Ok(read) = text.parse::<T>() else { return };
    let again = read.to_string().parse::<T>().ok().expect("what was written can be read");
    assert!(read == again, "{text:?} is another when it is read again");
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Positions in lists, ids and times.
pub(crate) fn cursors(bytes: &[u8]) {
    let text = text(bytes);
    round::<Cursor>(text);
    round::<PageCursor>(text);
    round::<LetterCursor>(text);
    round::<MissionId>(text);
    round::<CallerRequest>(text);
    round::<CreatedAt>(text);
    round::<Dossier>(text);
    round::<DossierPrefix>(text);
}

/// Who has worked on a message.
pub(crate) fn stamps(bytes: &[u8]) {
    round::<Stamps>(text(bytes));
}

/// Addresses of servers, and return addresses. What is said against one repeats no password.
pub(crate) fn addresses(bytes: &[u8]) {
    let text = text(bytes);
    let _ = ServerAddress::parse(text);
    let _ = text.parse::<bus::Address>();
    let _ = text.parse::<store::Address>();
    let _ = bus::ReturnAddress::parse(Some(text));
    let secret = format!("amqp://user:s3cr3t-{text}@[host");
    if let Err(wrong) = secret.parse::<bus::Address>() {
        assert!(!wrong.to_string().contains("s3cr3t-"), "{wrong}");
    }
}

/// The query of the list of missions.
pub(crate) fn query(bytes: &[u8]) {
    let _ = gateway::decoders::query(text(bytes));
}
