//! What a dead letter says about itself: our own headers, or RabbitMQ's account of it.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use schemas::{DeadLetter, LetterId, ProblemKind};
use uuid::Uuid;

use super::properties::{as_text, as_whole};
use crate::message::{BROKER, Label};

/// The role of a letter that does not say who set it aside.
const UNKNOWN: &str = "unknown";

/// The label of a message from the queue of dead letters. Nothing in it is trusted to be there.
pub(super) fn label(properties: &BasicProperties) -> Label {
    let none = FieldTable::default();
    let headers = properties.headers().as_ref().unwrap_or(&none);
    let first_at = properties.timestamp().unwrap_or_default();
    match (death(headers), Headers(headers).text("reason")) {
        // RabbitMQ keeps a message's own headers: beside `x-death` they are those of its publisher.
        (Some(death), _) => brokers(&Headers(death), first_at),
        (None, Some(reason)) => ours(&Headers(headers), reason),
        (None, None) => strangers(first_at),
    }
}

/// The headers of a message, or of a table in one.
struct Headers<'a>(&'a FieldTable);

impl Headers<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.0.inner().get(name).and_then(as_text)
    }

    fn whole<N: TryFrom<i64> + Default>(&self, name: &str) -> N {
        let number = self.0.inner().get(name).and_then(as_whole);
        number.and_then(|number| N::try_from(number).ok()).unwrap_or_default()
    }
}

fn ours(headers: &Headers<'_>, reason: String) -> Label {
    let id = headers.text("id").and_then(|id| Uuid::try_parse(&id).ok());
    Label {
        id: id.map(LetterId::from),
        reason: reason.chars().take(DeadLetter::MAX_REASON).collect(),
        role: cut(headers.text("role").unwrap_or_else(|| UNKNOWN.to_owned())),
        tries: headers.whole("tries"),
        first_at: headers.whole("first_at"),
        last_at: headers.whole("last_at"),
    }
}

/// The newest entry of `x-death`: RabbitMQ set the message aside itself.
fn death(headers: &FieldTable) -> Option<&FieldTable> {
    let AMQPValue::FieldArray(deaths) = headers.inner().get("x-death")? else { return None };
    match deaths.as_slice().first()? {
        AMQPValue::FieldTable(death) => Some(death),
        _ => None,
    }
}

fn brokers(death: &Headers<'_>, first_at: u64) -> Label {
    let (why, queue) = (death.text("reason"), death.text("queue").unwrap_or_default());
    let (kind, detail) = match why.as_deref() {
        Some("expired") => {
            (ProblemKind::Expired, "it waited for longer than its `expiration`".to_owned())
        }
        Some("delivery_limit") => {
            (ProblemKind::SetAside, "it was delivered as often as the queue allows".to_owned())
        }
        why => {
            let why = why.unwrap_or("for no reason");
            (ProblemKind::SetAside, format!("RabbitMQ set it aside: {why}, from {queue}"))
        }
    };
    Label {
        id: None,
        reason: Label::reason(kind, &detail),
        role: BROKER.to_owned(),
        tries: 0,
        first_at,
        last_at: death.whole("time"),
    }
}

fn strangers(first_at: u64) -> Label {
    let detail = "it was put among the dead letters without a reason";
    let reason = Label::reason(ProblemKind::SetAside, detail);
    Label { id: None, reason, role: UNKNOWN.to_owned(), tries: 0, first_at, last_at: 0 }
}

fn cut(name: String) -> String {
    name.chars().take(DeadLetter::MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(members: &[(&str, AMQPValue)]) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, value) in members {
            table.insert((*name).into(), value.clone());
        }
        table
    }

    fn read(members: &[(&str, AMQPValue)]) -> Label {
        label(&BasicProperties::default().with_timestamp(7).with_headers(table(members)))
    }

    fn text(text: &str) -> AMQPValue {
        AMQPValue::LongString(text.into())
    }

    #[test]
    fn a_letter_of_ours_is_read_as_it_was_written() {
        let id = LetterId::of(&[b"x"]);
        let read = read(&[
            ("id", text(&id.to_string())),
            ("reason", text(&"ä".repeat(600))),
            ("role", text("decider")),
            ("tries", AMQPValue::LongLongInt(3)),
            ("first_at", AMQPValue::Timestamp(1_700_000_000)),
            ("last_at", AMQPValue::Timestamp(1_700_000_009)),
        ]);
        let reason = "ä".repeat(512);
        let (first_at, last_at) = (1_700_000_000, 1_700_000_009);
        let role = "decider".to_owned();
        assert_eq!(read, Label { id: Some(id), reason, role, tries: 3, first_at, last_at });
    }

    #[test]
    fn a_letter_of_the_broker_says_why_it_died() {
        let died = |why: &str| {
            let death = table(&[("reason", text(why)), ("time", AMQPValue::Timestamp(9))]);
            let deaths = AMQPValue::FieldArray(vec![AMQPValue::FieldTable(death)].into());
            read(&[("x-death", deaths)])
        };
        for (why, word) in [
            ("expired", "expired: "),
            ("delivery_limit", "set-aside: "),
            ("rejected", "set-aside: "),
        ] {
            let label = died(why);
            assert!(label.reason.starts_with(word), "{}", label.reason);
            assert_eq!((label.id, label.role.as_str()), (None, BROKER));
            assert_eq!((label.first_at, label.last_at), (7, 9));
        }
    }

    #[test]
    fn a_label_that_a_caller_wrote_on_its_request_is_not_believed() {
        let death = table(&[("reason", text("expired")), ("time", AMQPValue::Timestamp(9))]);
        let deaths = AMQPValue::FieldArray(vec![AMQPValue::FieldTable(death)].into());
        let id = LetterId::of(&[b"x"]).to_string();
        let forged = [("reason", text("forged")), ("id", text(&id)), ("x-death", deaths)];
        let label = read(&forged);
        assert_eq!((label.id, label.role.as_str()), (None, BROKER));
        assert!(label.reason.starts_with("expired: "), "{}", label.reason);
    }

    #[test]
    fn whatever_stands_in_the_headers_is_a_letter() {
        let nothing = read(&[]);
        assert!(nothing.reason.starts_with("set-aside: "), "{}", nothing.reason);
        let odd = read(&[
            ("id", text("no UUID")),
            ("reason", text("")),
            ("tries", AMQPValue::LongLongInt(-1)),
            ("first_at", AMQPValue::Boolean(true)),
            ("x-death", AMQPValue::Void),
        ]);
        assert_eq!((odd.id, odd.tries, odd.first_at), (None, 0, 0));
        let odd = read(&[("x-death", AMQPValue::FieldArray(vec![AMQPValue::Void].into()))]);
        assert_eq!(odd.role, UNKNOWN);
    }
}
