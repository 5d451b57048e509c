//! The seal of an accepted request. The address of a 202 says when the request was accepted, and is
//! signed, so that an id that somebody invented is never called accepted.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::operations::access::Operators;

/// The bytes of a signature that are kept: enough that nobody guesses one.
const KEPT: usize = 12;

/// What signs. Every gateway of one system has the same.
#[derive(Clone)]
pub(crate) struct Seal(Hmac<Sha256>);

/// When a request was accepted, as its address says it: Unix seconds and a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// In Unix seconds.
    pub(crate) at: i64,
    signature: String,
}

impl Seal {
    /// The seal of the gateways that have these operators and this database. Both are the same at
    /// every replica. Without a token it keeps out mistakes, not those who read this source; all that
    /// they get is a 202.
    pub(crate) fn new(operators: &Operators, database: &str) -> Self {
        let mut mac = match operators {
            Operators::Token(token) => token.mac(),
            Operators::Local | Operators::Nobody => keyed(&Sha256::digest(b"no token")),
        };
        mac.update(b"spymission accepted in ");
        mac.update(database.as_bytes());
        Self(keyed(&mac.finalize().into_bytes()))
    }

    /// What the address of these missions says when they are accepted at this time.
    pub(crate) fn accept(&self, missions: &str, at: i64) -> Accepted {
        let mut mac = self.0.clone();
        mac.update(&at.to_be_bytes());
        mac.update(missions.as_bytes());
        let mac = mac.finalize().into_bytes();
        let signature = mac.iter().take(KEPT).map(|byte| format!("{byte:02x}")).collect();
        Accepted { at, signature }
    }

    /// Whether a gateway has said this of these missions.
    pub(crate) fn is_true(&self, missions: &str, accepted: &Accepted) -> bool {
        let ours = self.accept(missions, accepted.at);
        ours.signature.as_bytes().ct_eq(accepted.signature.as_bytes()).into()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    mac.unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default())) // any key length is right
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at, self.signature)
    }
}

impl FromStr for Accepted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "take it unchanged from the `Location` of a 202";
        let (at, signature) = text.split_once('-').ok_or(wrong)?;
        let seconds: u32 = at.parse().map_err(|_| wrong)?;
        let hex = signature.len() == 2 * KEPT && signature.bytes().all(|b| b.is_ascii_hexdigit());
        let accepted = Self { at: seconds.into(), signature: signature.to_owned() };
        hex.then_some(accepted).ok_or(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::access::OperatorToken;

    const HERE: &str = "/missions/019abc00-1111-7222-8333-444455556600";

    fn seal(token: &str, database: &str) -> Seal {
        let token = OperatorToken::new(token).map(Operators::Token);
        Seal::new(&token.unwrap_or(Operators::Local), database)
    }

    #[test]
    fn every_gateway_of_a_system_believes_the_others_and_no_other_system() {
        let (one, other) = (seal("0123456789abcdef", "spy"), seal("0123456789abcdef", "spy"));
        let accepted: Accepted = one.accept(HERE, 7).to_string().parse().unwrap();
        assert!(other.is_true(HERE, &accepted));
        for stranger in
            [seal("fedcba9876543210", "spy"), seal("0123456789abcdef", "two"), seal("", "spy")]
        {
            assert!(!stranger.is_true(HERE, &accepted));
        }
    }

    #[test]
    fn neither_the_time_nor_the_missions_can_be_changed() {
        let seal = seal("", "spy");
        let accepted = seal.accept(HERE, 7);
        assert!(!seal.is_true("/missions/019abc00-1111-7222-8333-444455556700", &accepted));
        assert!(!seal.is_true(HERE, &Accepted { at: 8, ..accepted }));
    }

    #[test]
    fn what_no_gateway_writes_is_not_read() {
        let right = seal("", "").accept(HERE, 1_795_353_891).to_string();
        assert_eq!(right.parse::<Accepted>().unwrap().to_string(), right);
        for wrong in [
            "",
            "now",
            "1795353891",
            "1795353891-",
            "x-001122334455667788990011",
            "7-00112233445566778899001x",
        ] {
            assert!(wrong.parse::<Accepted>().is_err(), "{wrong}");
        }
    }
}
