//! Who may, and who may not.

use std::net::IpAddr;

use axum::http::HeaderValue;
use time::macros::datetime;

use super::*;

const TOKEN: &str = "correct horse battery staple";

fn client(last: u8) -> Client {
    Client::at(IpAddr::from([203, 0, 113, last]))
}

fn with_token() -> Access {
    let token = OperatorToken::new(TOKEN).unwrap();
    Access::new(Operators::Token(token), || datetime!(2026-11-22 13:25 UTC))
}

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    let value = |value| HeaderValue::from_str(value).unwrap();
    all.iter().map(|(name, text)| (name.parse().unwrap(), value(text))).collect()
}

fn get(access: &Access, all: &[(&'static str, &str)]) -> Result<(), Denied> {
    access.check(&Method::GET, &headers(all), client(1))
}

#[test]
fn a_loopback_listener_answers_to_names_of_this_machine_only() {
    let access = Access::new(Operators::Local, || OffsetDateTime::UNIX_EPOCH);
    for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"] {
        assert_eq!(get(&access, &[("host", host)]), Ok(()), "{host}");
    }
    for host in ["spy.example", "127.0.0.1.spy.example", "10.0.0.1:8080", ""] {
        assert_eq!(get(&access, &[("host", host)]), Err(Denied::NotLocal), "{host}");
    }
    let proxied = [("host", "localhost:8080"), ("x-forwarded-for", "203.0.113.9")];
    assert_eq!(get(&access, &proxied), Err(Denied::NotLocal));
}

#[test]
fn without_a_token_file_nobody_may() {
    let access = Access::new(Operators::Nobody, || OffsetDateTime::UNIX_EPOCH);
    assert_eq!(get(&access, &[("host", "localhost:8080")]), Err(Denied::Off));
    assert_eq!(access.log_in(TOKEN, &HeaderMap::new(), client(1)), Err(Denied::Off));
}

#[test]
fn a_token_logs_in_and_its_cookie_is_believed_until_it_ends_or_is_changed() {
    let access = with_token();
    assert_eq!(get(&access, &[]), Err(Denied::NoToken));
    let set = access.log_in(TOKEN, &HeaderMap::new(), client(1)).unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    assert!(!set.contains("Secure") && !set.contains(TOKEN), "{set}");
    let value = set.split(';').next().unwrap();
    assert_eq!(get(&access, &[("cookie", &format!("a=b; {value}"))]), Ok(()));
    assert_eq!(get(&access, &[("cookie", &format!("{value}0"))]), Err(Denied::NoToken));
    let later = value.replacen("=1", "=2", 1);
    assert_eq!(get(&access, &[("cookie", &later)]), Err(Denied::NoToken));
    let ended = Access { clock: || datetime!(2026-11-22 21:26 UTC), ..with_token() };
    assert_eq!(get(&ended, &[("cookie", value)]), Err(Denied::NoToken));
    let other = OperatorToken::new("another token entirely").unwrap();
    let other = Access { operators: Operators::Token(other), ..with_token() };
    assert_eq!(get(&other, &[("cookie", value)]), Err(Denied::NoToken));
    let behind_tls = headers(&[("x-forwarded-proto", "https")]);
    assert!(access.log_in(TOKEN, &behind_tls, client(1)).unwrap().ends_with("; Secure"));
}

#[test]
fn five_wrong_tokens_a_minute_are_heard_of_a_client_and_others_are_not_affected() {
    let (access, now) = (with_token(), Instant::now());
    let attempt = |token, who, at: u64| {
        access.try_token(token, client(who), now + Duration::from_secs(at)).map(drop)
    };
    for second in 0..5 {
        assert_eq!(attempt("a wrong token", 1, second), Err(Denied::WrongToken));
    }
    assert_eq!(attempt("a wrong token", 1, 5), Err(Denied::TooMany(56)));
    assert_eq!(attempt(TOKEN, 1, 5), Err(Denied::TooMany(56)), "the right one neither");
    assert_eq!(attempt(TOKEN, 2, 5), Ok(()));
    assert_eq!(attempt(TOKEN, 1, 60), Ok(()), "the first wrong one is a minute old");
}

#[test]
fn the_clients_that_are_counted_are_bounded() {
    let (access, now) = (with_token(), Instant::now());
    for n in 0..5_000_u32 {
        let address = IpAddr::from((0x0a00_0000 + n).to_be_bytes());
        let _ = access.try_token("a wrong token", Client::at(address), now);
    }
    assert!(access.wrong.lock().unwrap().len() <= CLIENTS + 1);
}

#[test]
fn a_tool_sends_the_token_itself() {
    let access = with_token();
    let right = format!("Bearer {TOKEN}");
    assert_eq!(get(&access, &[("authorization", &right)]), Ok(()));
    assert_eq!(get(&access, &[("authorization", "Bearer x")]), Err(Denied::WrongToken));
    assert_eq!(get(&access, &[("authorization", "Basic x")]), Err(Denied::NoToken));
}

#[test]
fn a_page_of_another_site_may_lead_here_and_neither_read_nor_act() {
    let access = Access::new(Operators::Local, || OffsetDateTime::UNIX_EPOCH);
    let from = |site, mode| {
        let all = [("host", "localhost"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
        headers(&all)
    };
    let check = |method: &Method, headers| access.check(method, &headers, client(1));
    assert_eq!(check(&Method::GET, from("cross-site", "navigate")), Ok(()));
    assert_eq!(check(&Method::GET, from("cross-site", "cors")), Err(Denied::Foreign));
    assert_eq!(check(&Method::POST, from("cross-site", "navigate")), Err(Denied::Foreign));
    assert_eq!(check(&Method::POST, from("same-origin", "cors")), Ok(()));
    let by_origin = headers(&[("host", "localhost"), ("origin", "https://spy.example")]);
    assert_eq!(check(&Method::POST, by_origin), Err(Denied::Foreign));
}
