//! Who may see the operations page, and act on it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

use crate::edge::client::Client;
use crate::edge::cross_site::is_foreign;

/// Who may see the operations page, and act on it.
#[derive(Debug, Clone)]
pub enum Operators {
    /// Nobody.
    Nobody,
    /// Whoever reaches this machine's loopback address.
    Local,
    /// Whoever has the token.
    Token(OperatorToken),
}

/// An operator's token. It is kept as a hash.
#[derive(Clone)]
pub struct OperatorToken(Arc<[u8; 32]>);

impl OperatorToken {
    /// The fewest characters.
    pub const SHORTEST: usize = 16;

    /// This token; `None` if it is too short.
    pub fn new(token: &str) -> Option<Self> {
        (token.len() >= Self::SHORTEST).then(|| Self(Arc::new(hash(token))))
    }

    /// Whether this is the token. It takes as long for a wrong one as for the right one.
    fn is(&self, token: &str) -> bool {
        self.0.ct_eq(&hash(token)).into()
    }

    /// What signs with this token.
    pub(crate) fn mac(&self) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice());
        mac.unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default())) // any key length is right
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(…)")
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The cookie of an operator that has logged in.
const COOKIE: &str = "spymission-operator";
/// How long a login lasts, in seconds.
const LASTS: i64 = 8 * 60 * 60;
/// Wrong tokens that one client may send in a minute.
const WRONG: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);
/// Clients whose wrong tokens are counted. More of them are counted together.
const CLIENTS: usize = 4_096;

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// The page is off.
    Off,
    /// It is a page of another site that asks.
    Foreign,
    /// It is there for this machine only, and was asked for by another name.
    NotLocal,
    /// There is no token, and no login.
    NoToken,
    /// The token is wrong.
    WrongToken,
    /// Too many wrong tokens: come again after so many seconds.
    TooMany(u64),
}

/// Decides who may.
pub(super) struct Access {
    operators: Operators,
    clock: fn() -> OffsetDateTime,
    wrong: Mutex<HashMap<Client, Vec<Instant>>>,
}

impl Access {
    pub(super) fn new(operators: Operators, clock: fn() -> OffsetDateTime) -> Self {
        Self { operators, clock, wrong: Mutex::default() }
    }

    /// Whether operators log in with a token.
    pub(super) fn has_login(&self) -> bool {
        matches!(self.operators, Operators::Token(_))
    }

    /// Whether whoever sent this may see the page and act.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn check(
        &self,
        method: &Method,
        headers: &HeaderMap,
        client: Client,
    ) -> Result<(), Denied> {
        if is_foreign(headers) && !is_visit(method, headers) {
            return Err(Denied::Foreign); // whatever `--cors` lists
        }
        match &self.operators {
            Operators::Nobody => Err(Denied::Off),
            Operators::Local if is_local(headers) => Ok(()),
            Operators::Local => Err(Denied::NotLocal),
            Operators::Token(token) if self.is_logged_in(token, headers) => Ok(()),
            Operators::Token(_) => match bearer(headers) {
                Some(given) => self.try_token(given, client, Instant::now()).map(drop),
                None => Err(Denied::NoToken),
            },
        }
    }

    /// Logs in with this token. Returns the value of `Set-Cookie`.
    ///
    /// # Errors
    /// Why it is not taken.
    pub(super) fn log_in(
        &self,
        given: &str,
        headers: &HeaderMap,
        client: Client,
    ) -> Result<String, Denied> {
        let token = self.try_token(given, client, Instant::now())?;
        let until = (self.clock)().unix_timestamp() + LASTS;
        let secure = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        Ok(cookie(&signed(token, until), LASTS, secure))
    }

    /// The value of `Set-Cookie` that ends a login.
    ///
    /// # Errors
    /// The page is off.
    pub(super) fn log_out(&self) -> Result<String, Denied> {
        match self.operators {
            Operators::Nobody => Err(Denied::Off),
            Operators::Local | Operators::Token(_) => Ok(cookie("", 0, false)),
        }
    }

    /// Compares a token. Wrong ones are counted, and a client that sent too many is not heard; both
    /// is one step, so that nobody can try many at once.
    fn try_token(
        &self,
        given: &str,
        client: Client,
        now: Instant,
    ) -> Result<&OperatorToken, Denied> {
        let Operators::Token(token) = &self.operators else { return Err(Denied::Off) };
        let mut all = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |at: &Instant| now.saturating_duration_since(*at) >= MINUTE;
        if all.len() >= CLIENTS && !all.contains_key(&client) {
            all.retain(|_, wrong| wrong.last().is_some_and(|at| !is_old(at)));
        }
        let counted = all.len() < CLIENTS || all.contains_key(&client);
        let client = if counted { client } else { Client::nobody() };
        let wrong = all.entry(client).or_default();
        wrong.retain(|at| !is_old(at));
        if wrong.len() >= WRONG {
            let first = wrong.first().map_or(MINUTE, |at| now.saturating_duration_since(*at));
            return Err(Denied::TooMany(MINUTE.saturating_sub(first).as_secs() + 1));
        }
        if token.is(given) {
            if wrong.is_empty() {
                all.remove(&client);
            }
            return Ok(token);
        }
        wrong.push(now);
        Err(Denied::WrongToken)
    }

    fn is_logged_in(&self, token: &OperatorToken, headers: &HeaderMap) -> bool {
        let now = (self.clock)().unix_timestamp();
        cookies(headers).any(|value| {
            let until = value.split_once('.').and_then(|(until, _)| until.parse::<i64>().ok());
            let Some(until) = until.filter(|until| *until > now && *until <= now + LASTS) else {
                return false;
            };
            signed(token, until).as_bytes().ct_eq(value.as_bytes()).into()
        })
    }
}

/// When a login ends, signed with the token: every gateway that has the token believes it.
fn signed(token: &OperatorToken, until: i64) -> String {
    let mut mac = token.mac();
    mac.update(b"spymission operator until ");
    mac.update(&until.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    mac.iter().fold(format!("{until}."), |text, byte| text + &format!("{byte:02x}"))
}

fn cookie(value: &str, seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!(
        "{COOKIE}={value}; Path=/operations; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    )
}

/// The values of our cookie; there may be several.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| name.trim() == COOKIE).map(|(_, value)| value.trim())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether somebody follows a link to the page: that changes nothing, and the other site cannot read
/// it.
fn is_visit(method: &Method, headers: &HeaderMap) -> bool {
    let mode = headers.get("sec-fetch-mode");
    matches!(*method, Method::GET | Method::HEAD) && mode.is_some_and(|mode| mode == "navigate")
}

/// What proxies add.
const PROXIED: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Whether a page was asked for by a name of this machine. Another name comes from a proxy, or from
/// another site whose name leads here: then it is not enough that the connection is a local one.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    let is_proxied = PROXIED.iter().any(|name| headers.contains_key(*name));
    host.is_some_and(|host| {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        let address = name.parse::<std::net::IpAddr>();
        name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
    }) && !is_proxied
}

#[cfg(test)]
mod tests;
