//! Ids: one id, one mission, for as long as its row is kept.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::columns::{ColumnKind, Field, Raw, Value, id};

/// A mission's id: any UUID. The same id always means the same mission.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct MissionId(Uuid);

impl MissionId {
    /// The id as a UUID.
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// The request that this mission belongs to, if a [`CallerRequest`] made its id.
    pub fn caller_request(self) -> CallerRequest {
        CallerRequest::clear_last_byte(self.0)
    }
}

impl From<Uuid> for MissionId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl FromStr for MissionId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("{:?} is not a UUID", shortened(text));
        text.parse().map(Self).map_err(wrong)
    }
}

impl fmt::Display for MissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text from outside for an error or a log line: cut at 64 characters.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

/// The id of one caller's request: a UUID whose last byte is zero. Its i-th mission (0..=255) is
/// that id with last byte i, so no table is needed to know which missions belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallerRequest(Uuid);

impl CallerRequest {
    /// A new request without an idempotency key: the given UUIDv7 with its last byte cleared.
    pub fn new(v7: Uuid) -> Self {
        Self::clear_last_byte(v7)
    }

    /// The request that this key always means: the key's UUIDv5 with its last byte cleared.
    pub fn keyed(key: &IdempotencyKey) -> Self {
        Self::clear_last_byte(Uuid::new_v5(&KEYS, key.0.as_bytes()))
    }

    fn clear_last_byte(uuid: Uuid) -> Self {
        Self(Uuid::from_u128(uuid.as_u128() & !0xff))
    }

    /// The id of the i-th mission of this request.
    pub fn mission(self, i: u8) -> MissionId {
        MissionId(Uuid::from_u128(self.0.as_u128() | u128::from(i)))
    }

    /// The first `count` missions of this request, at most [`MissionIds::MAX`].
    pub fn missions(self, count: usize) -> impl Iterator<Item = MissionId> {
        (0..=u8::MAX).take(count).map(move |i| self.mission(i))
    }
}

impl FromStr for CallerRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id: MissionId = text.parse()?;
        let request = id.caller_request();
        if request.0 == id.0 {
            Ok(request)
        } else {
            Err(format!("{id} is not the id of a request: those end in 00"))
        }
    }
}

impl fmt::Display for CallerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The namespace of idempotency keys: the UUIDv5 of `spymission:idempotency-key` in RFC 9562's
/// URL namespace. It must never change: each key would then mean another mission.
const KEYS: Uuid = Uuid::from_u128(0x4daa_05f1_9b61_5fa0_a5bb_ecd4_801e_f2c3);

/// A caller's `Idempotency-Key`: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl FromStr for IdempotencyKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if matches!(text.len(), 1..=255) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("an idempotency key has 1 to 255 visible ASCII characters".to_owned())
        }
    }
}

/// The missions of one request: 1 to 256 ids, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<MissionId>", into = "Vec<MissionId>")]
#[schemars(extend("minItems" = 1, "maxItems" = Self::MAX, "uniqueItems" = true))]
pub struct MissionIds(Vec<MissionId>);

impl MissionIds {
    /// The most missions that one request may list.
    pub const MAX: usize = 256;

    /// A list with this id only.
    pub fn one(id: MissionId) -> Self {
        Self(vec![id])
    }

    /// The ids, in the request's order.
    pub fn as_slice(&self) -> &[MissionId] {
        &self.0
    }

    /// The number of ids: 1..=256.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Why a request may not have this list of ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongIds {
    /// The list is empty.
    #[error("`missions` is empty: list 1 to 256 UUIDs, or send {{}} with a message_id")]
    None,
    /// The list is too long.
    #[error("`missions` lists {0} ids, and a request may list 256: send several requests")]
    TooMany(usize),
    /// The list has this id twice.
    #[error("`missions` lists {0} twice: list each id once")]
    Twice(MissionId),
}

impl TryFrom<Vec<MissionId>> for MissionIds {
    type Error = WrongIds;

    fn try_from(ids: Vec<MissionId>) -> Result<Self, WrongIds> {
        match ids.len() {
            0 => return Err(WrongIds::None),
            n if n > Self::MAX => return Err(WrongIds::TooMany(n)),
            _ => {}
        }
        let mut seen = HashSet::with_capacity(ids.len());
        match ids.iter().find(|id| !seen.insert(**id)) {
            Some(twice) => Err(WrongIds::Twice(*twice)),
            None => Ok(Self(ids)),
        }
    }
}

impl IntoIterator for MissionIds {
    type Item = MissionId;
    type IntoIter = std::vec::IntoIter<MissionId>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<MissionIds> for Vec<MissionId> {
    fn from(ids: MissionIds) -> Self {
        ids.0
    }
}

impl Field for MissionId {
    const KIND: ColumnKind = ColumnKind::Id;

    fn value(&self) -> Value<'_> {
        Value::Id(self.uuid())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        id(raw).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> MissionId {
        Uuid::from_u128(n).into()
    }

    #[test]
    fn the_missions_of_a_request_count_in_the_last_byte() {
        let v7 = "019abc00-1111-7222-8333-4444555566ff".parse().unwrap();
        let request = CallerRequest::new(v7);
        assert_eq!(request.to_string(), "019abc00-1111-7222-8333-444455556600");
        assert_eq!(request.mission(0).to_string(), "019abc00-1111-7222-8333-444455556600");
        assert_eq!(request.mission(255).to_string(), "019abc00-1111-7222-8333-4444555566ff");
        assert_eq!(request.mission(255).caller_request(), request);
        assert_eq!(request.missions(256).count(), 256);
    }

    #[test]
    fn a_key_always_means_the_same_request() {
        let request = |key: &str| CallerRequest::keyed(&key.parse().unwrap()).to_string();
        assert_eq!(request("1"), VECTORS[0]);
        assert_eq!(request("order-4711"), VECTORS[1]);
        assert_eq!(request(&"x".repeat(255)), VECTORS[2]);
    }

    /// Vectors for clients that compute ids themselves; they never change.
    const VECTORS: [&str; 3] = [
        "317fe950-092a-5eab-ac44-1c8a0f4a0600",
        "9b431927-61f4-5e62-a329-5f3c81f28900",
        "497a6399-737b-5454-8bfe-1e1103239d00",
    ];

    #[test]
    fn the_namespace_is_what_its_comment_says() {
        assert_eq!(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"spymission:idempotency-key"), KEYS);
    }

    #[test]
    fn a_key_has_1_to_255_visible_characters() {
        for key in ["", "a b", "ä", "\n", &"x".repeat(256)] {
            assert!(key.parse::<IdempotencyKey>().is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_request_id_ends_in_a_zero_byte() {
        assert!("019abc00-1111-7222-8333-444455556600".parse::<CallerRequest>().is_ok());
        assert!("019abc00-1111-7222-8333-444455556601".parse::<CallerRequest>().is_err());
    }

    #[test]
    fn a_list_has_1_to_256_distinct_ids() {
        assert_eq!(MissionIds::try_from(vec![]), Err(WrongIds::None));
        assert_eq!(MissionIds::try_from(vec![id(1), id(2), id(1)]), Err(WrongIds::Twice(id(1))));
        let many = |n: u128| MissionIds::try_from((0..n).map(id).collect::<Vec<_>>());
        assert_eq!(many(256).unwrap().len(), 256);
        assert_eq!(many(257), Err(WrongIds::TooMany(257)));
    }

    #[test]
    fn a_list_gives_its_ids_in_their_order() {
        let ids = vec![id(2), id(1), id(3)];
        let list = MissionIds::try_from(ids.clone()).unwrap();
        assert_eq!(list.clone().into_iter().collect::<Vec<_>>(), ids);
        assert_eq!(Vec::from(list), ids);
    }

    #[test]
    fn a_text_that_is_no_id_is_repeated_up_to_64_characters() {
        let wrong = "é".repeat(65).parse::<MissionId>().unwrap_err();
        assert!(wrong.starts_with(&format!("\"{}\" is", "é".repeat(64))), "{wrong}");
    }
}
