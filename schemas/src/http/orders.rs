//! The bodies with which operators act on dead letters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dead_letter::{BatchId, Who};
use crate::{LetterId, Problem, ProblemKind, body};

/// A letter that is meant, as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meant {
    /// The letter.
    pub id: LetterId,
    /// The number of the last step when it was seen. If there is another one by now, the letter is
    /// left alone. Without it the letter is meant however it stands.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "u32")]
    pub number: Option<u32>,
}

/// Act on these letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The letters, each once, in this order.
    #[schemars(length(min = 1, max = BatchId::MOST))]
    pub letters: Vec<Meant>,
    /// At most so many of them, the first ones.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "u16", range(min = 1, max = BatchId::MOST))]
    pub limit: Option<u16>,
    /// At most so many a second; 50 without it. It counts for a replay.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "u16", range(min = 1, max = Order::FASTEST))]
    pub rate: Option<u16>,
    /// Only say which letters are meant.
    #[serde(default)]
    #[schemars(default)]
    pub dry_run: bool,
    /// A UUID of your own that ends in 00, so that the same order can be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "BatchId")]
    pub id: Option<BatchId>,
    /// In whose name; it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "Who")]
    pub who: Option<Who>,
}

/// Correct a letter and replay it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The new body: a request, as JSON in this text.
    pub body: String,
    /// As for a letter of an order.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "u32")]
    pub number: Option<u32>,
    /// Only say whether it could be done.
    #[serde(default)]
    #[schemars(default)]
    pub dry_run: bool,
    /// A UUID of your own that ends in 00, so that the same correction can be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "BatchId")]
    pub id: Option<BatchId>,
    /// In whose name; it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "body::not_null")]
    #[schemars(with = "Who")]
    pub who: Option<Who>,
}

impl Order {
    /// The highest rate.
    pub const FASTEST: u16 = 1_000;
    /// The rate without one.
    pub const RATE: u16 = 50;

    /// Reads a body.
    ///
    /// # Errors
    /// A problem that names the member and the fix.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let expected = "the body may hold `letters`, `limit`, `rate`, `dry_run`, `id` and `who`";
        body::object::<Self>(body, expected)?.checked()
    }

    /// The same order, if its values are allowed.
    ///
    /// # Errors
    /// A problem that names the member and the fix.
    pub fn checked(self) -> Result<Self, Problem> {
        let most = BatchId::MOST;
        let mut ids: Vec<_> = self.letters.iter().map(|letter| letter.id).collect();
        ids.sort_unstable();
        let within = |name: &str, given: Option<u16>, most: u16| {
            let wrong = given.filter(|given| !(1..=most).contains(given));
            wrong.map(|wrong| format!("`{name}` is {wrong}: write a number from 1 to {most}"))
        };
        let wrong = if ids.is_empty() || ids.len() > most {
            Some(format!("`letters` has {} letters: name 1 to {most}", ids.len()))
        } else if let Some([id, ..]) = ids.windows(2).find(|two| matches!(two, [a, b] if a == b)) {
            Some(format!("`letters`: {id} is named twice"))
        } else {
            let most = u16::try_from(most).unwrap_or(u16::MAX);
            within("limit", self.limit, most).or(within("rate", self.rate, Self::FASTEST))
        };
        match wrong {
            Some(wrong) => Err(Problem::new(ProblemKind::Invalid, wrong)),
            None => Ok(self),
        }
    }
}

impl Correction {
    /// Reads a body.
    ///
    /// # Errors
    /// A problem that names the member and the fix.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        body::object(body, "the body may hold `body`, `number`, `dry_run`, `id` and `who`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_order_is_refused_and_the_member_is_named() {
        let id = r#"{"id":"019abc00-1111-7222-8333-444455556601"}"#;
        let many = vec![id; 257].join(",");
        for (body, name) in [
            (r#"{"letters":[]}"#.to_owned(), "`letters`"),
            (format!(r#"{{"letters":[{many}]}}"#), "257"),
            (format!(r#"{{"letters":[{id},{id}]}}"#), "twice"),
            (format!(r#"{{"letters":[{id}],"rate":0}}"#), "`rate`"),
            (format!(r#"{{"letters":[{id}],"rate":1001}}"#), "`rate`"),
            (format!(r#"{{"letters":[{id}],"limit":257}}"#), "`limit`"),
            (format!(r#"{{"letters":[{id}],"id":"{}"}}"#, "0".repeat(31) + "1"), "00"),
            (format!(r#"{{"letters":[{id}],"who":""}}"#), "name"),
            (format!(r#"{{"letters":[{id}],"rate":null}}"#), "null"),
            (format!(r#"{{"letters":[{id}],"all":true}}"#), "all"),
            ("{}".to_owned(), "letters"),
        ] {
            let problem = Order::parse(body.as_bytes()).unwrap_err();
            assert_eq!(problem.kind(), ProblemKind::Invalid, "{body}");
            assert!(problem.detail().contains(name), "{problem}");
        }
        let order = Order::parse(format!(r#"{{"letters":[{id}]}}"#).as_bytes()).unwrap();
        assert_eq!((order.rate, order.dry_run, order.letters[0].number), (None, false, None));
        let all: Vec<_> = (0..256)
            .map(|n| format!(r#"{{"id":"019abc00-1111-7222-8333-4444555566{n:02x}"}}"#))
            .collect();
        let most = format!(r#"{{"letters":[{}],"limit":256,"rate":1000}}"#, all.join(","));
        assert_eq!(Order::parse(most.as_bytes()).unwrap().letters.len(), 256);
    }
}
