//! The row that a delivered letter becomes.

use bus::dead_letter::Label;
use bus::{Deadline, Envelope};
use schemas::dead_letter::Properties;
use schemas::{CreatedAt, DeadLetter, LetterId, Problem, ProblemKind};

/// The letter with its label, which holds an id: its own, or one that is made of the letter. Every
/// delivery of one letter has the same.
pub(crate) fn labelled(envelope: &Envelope, body: &[u8]) -> Label {
    let label = envelope.label.clone().unwrap_or_else(|| Label {
        id: None,
        reason: Problem::new(ProblemKind::SetAside, "it says no reason").to_string(),
        role: "unknown".to_owned(),
        tries: 0,
        first_at: 0,
        last_at: 0,
    });
    let id = label.id.unwrap_or_else(|| {
        let message_id = envelope.message_id.as_deref().unwrap_or_default();
        let properties = properties(envelope).json();
        let time = label.last_at.to_be_bytes();
        LetterId::of(&[message_id.as_bytes(), properties.as_bytes(), &time, body])
    });
    Label { id: Some(id), ..label }
}

/// The row of this letter. `now` is when it was set aside, if it does not tell.
pub(crate) fn row(envelope: &Envelope, body: &[u8], now: CreatedAt) -> DeadLetter {
    let Label { id, reason, role, tries, first_at, last_at } = labelled(envelope, body);
    let properties = properties(envelope);
    DeadLetter {
        id: id.unwrap_or_else(|| LetterId::of(&[body])),
        last_at: time(last_at).unwrap_or(now),
        first_at: time(first_at),
        pattern: DeadLetter::pattern_of(&reason),
        reason,
        role,
        tries,
        message_id: envelope.message_id.clone(),
        trace_id: properties.trace_id(),
        replay: envelope.replay,
        properties: properties.json(),
        size: u32::try_from(body.len()).unwrap_or(u32::MAX),
        body: body.get(..DeadLetter::MAX_BODY).unwrap_or(body).to_vec(),
    }
}

/// Unix seconds; 0 is unknown.
fn time(seconds: u64) -> Option<CreatedAt> {
    let micros = i64::try_from(seconds).ok().filter(|&seconds| seconds > 0)?;
    CreatedAt::from_micros(micros.checked_mul(1_000_000)?)
}

fn properties(envelope: &Envelope) -> Properties {
    Properties {
        reply_to: envelope.reply_to.clone(),
        correlation_id: envelope.correlation_id.clone(),
        r#type: envelope.kind.map(|kind| kind.as_str().to_owned()),
        app_id: envelope.app_id.clone(),
        timestamp: envelope.timestamp,
        deadline: match envelope.deadline {
            Some(Deadline::At(millis)) => Some(millis),
            Some(Deadline::Unreadable) | None => None,
        },
        traceparent: envelope.traceparent.clone(),
        tracestate: envelope.tracestate.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> CreatedAt {
        CreatedAt::from_micros(1_795_353_891_000_000).unwrap()
    }

    #[test]
    fn a_letter_without_an_id_has_the_same_id_whenever_it_is_delivered() {
        let envelope = Envelope { message_id: Some("7".to_owned()), ..Envelope::default() };
        let first = row(&envelope, b"x", now());
        let later = row(&envelope, b"x", CreatedAt::from_micros(0).unwrap());
        assert_eq!(first.id, later.id);
        assert_ne!(first.id, row(&envelope, b"y", now()).id);
        // It is published again when it was delivered too often, with the id that it has now.
        let label = Some(labelled(&envelope, b"x"));
        assert_eq!(row(&Envelope { label, ..envelope }, b"x", now()).id, first.id);
    }

    #[test]
    fn a_large_letter_is_cut_and_tells_its_size() {
        let body = vec![b'x'; DeadLetter::MAX_BODY + 1];
        let large = row(&Envelope::default(), &body, now());
        assert_eq!(large.body.len(), DeadLetter::MAX_BODY);
        assert!(!large.is_whole());
        assert!(row(&Envelope::default(), b"{}", now()).is_whole());
    }

    #[test]
    fn times_that_nobody_knows_or_that_no_calendar_has_are_left_out() {
        for (first_at, last_at) in [(0, 0), (u64::MAX, u64::MAX), (1 << 60, 1 << 60)] {
            let label = Some(Label { first_at, last_at, ..labelled(&Envelope::default(), b"") });
            let row = row(&Envelope { label, ..Envelope::default() }, b"", now());
            assert_eq!((row.first_at, row.last_at), (None, now()), "{first_at}");
        }
    }
}
