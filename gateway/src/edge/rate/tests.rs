use std::net::{IpAddr, Ipv4Addr};

use axum::response::IntoResponse;

use super::*;

fn limiter(rate: &str) -> Limiter {
    Limiter::new(rate.parse().unwrap(), Instant::now())
}

fn client(number: u32) -> Client {
    Client::at(IpAddr::V4(Ipv4Addr::from_bits(number)))
}

/// A request by this client, so many milliseconds after the beginning.
fn ask(limiter: &Limiter, client: Client, at: u64) -> Balance {
    limiter.count(client, limiter.began + Duration::from_millis(at))
}

#[test]
fn a_burst_passes_then_one_in_each_interval_and_a_full_bucket_holds_no_more_than_the_burst() {
    let limiter = limiter("100/60");
    for left in (0..100).rev() {
        let balance = ask(&limiter, client(1), 0);
        assert_eq!((balance.admitted, balance.left), (true, left));
    }
    let wait = Duration::from_millis(600);
    assert_eq!(ask(&limiter, client(1), 0), Balance { admitted: false, left: 0, wait });
    assert!(!ask(&limiter, client(1), 599).admitted, "the refused one took nothing");
    assert!(ask(&limiter, client(1), 600).admitted);
    assert!(!ask(&limiter, client(1), 600).admitted);
    let hours_later = 10_000_000;
    let burst = (0..200).filter(|_| ask(&limiter, client(1), hours_later).admitted).count();
    assert_eq!(burst, 100);
}

#[test]
fn over_a_long_time_no_more_pass_than_the_rate_allows() {
    for (rate, requests) in [("3/1", 3), ("7/3", 7), ("1000/1", 1_000)] {
        let limiter = limiter(rate);
        let seconds = u64::from(limiter.rate.seconds);
        let passed = (0..seconds * 10_000).filter(|at| ask(&limiter, client(1), *at).admitted);
        let passed = passed.count();
        assert!((requests * 10..=requests * 11).contains(&passed), "{rate}: {passed}");
    }
}

#[test]
fn a_list_counts_as_many_as_its_missions() {
    let limiter = limiter("10/10");
    let at = |seconds| limiter.began + Duration::from_secs(seconds);
    assert!(ask(&limiter, client(1), 0).admitted);
    assert!(limiter.charge(client(1), 5, at(0)).is_ok());
    assert_eq!(limiter.look(client(1), at(0)).left, 5);
    // Longer than the bucket: it passes, and is owed for.
    assert!(ask(&limiter, client(2), 0).admitted && ask(&limiter, client(2), 0).admitted);
    assert!(limiter.charge(client(2), 256, at(0)).is_ok());
    assert!(limiter.charge(client(2), 256, at(0)).is_err(), "a second one at the same time");
    assert!(limiter.charge(client(2), 1, at(0)).is_ok(), "one mission is counted already");
    assert_eq!(limiter.look(client(2), at(0)).wait, Duration::from_secs(248));
    assert!(!ask(&limiter, client(2), 247_000).admitted);
    assert!(ask(&limiter, client(2), 248_000).admitted);
}

#[test]
fn one_client_takes_nothing_from_another() {
    let limiter = limiter("1/60");
    assert!(ask(&limiter, client(1), 0).admitted);
    assert!(!ask(&limiter, client(1), 0).admitted);
    assert!(ask(&limiter, client(2), 0).admitted);
}

#[test]
fn when_too_many_are_remembered_the_others_share_one_bucket_until_some_are_forgotten() {
    let limiter = limiter("2/1");
    let many = u32::try_from(CLIENTS).unwrap();
    for number in 0..many {
        ask(&limiter, client(number), 0);
    }
    assert!(ask(&limiter, client(many + 1), 0).admitted);
    assert!(ask(&limiter, client(many + 2), 0).admitted);
    assert!(!ask(&limiter, client(many + 3), 0).admitted, "they share a bucket");
    assert!(ask(&limiter, client(7), 0).admitted, "who is remembered has its own");
    assert_eq!(limiter.buckets().clients.len(), CLIENTS);
    // Their buckets are full again after half a second, and looked at after one.
    assert!(ask(&limiter, client(many + 3), 999).admitted, "the shared bucket refilled");
    assert_eq!(limiter.buckets().clients.len(), CLIENTS);
    assert_eq!(ask(&limiter, client(many + 3), 1_000).left, 1, "a bucket of its own");
    assert_eq!(limiter.buckets().clients.len(), 1);
}

#[test]
fn the_headers_say_what_is_left_and_a_refusal_when_to_come_again() {
    let limiter = limiter("2/5");
    let told = |balance: &Balance| {
        let mut headers = HeaderMap::new();
        limiter.tell(balance, &mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"client\";q=2;w=5");
        headers["ratelimit"].to_str().unwrap().to_owned()
    };
    assert_eq!(told(&ask(&limiter, client(1), 0)), "\"client\";r=1;t=3");
    assert_eq!(told(&ask(&limiter, client(1), 0)), "\"client\";r=0;t=3");
    let refused = ask(&limiter, client(1), 400);
    assert_eq!(told(&refused), "\"client\";r=0;t=3");
    let refusal = limiter.refused(&refused).unwrap().into_response();
    assert_eq!(
        (refusal.status().as_u16(), &refusal.headers()["retry-after"]),
        (429, &HeaderValue::from_static("3"))
    );
    assert_eq!(told(&ask(&limiter, client(1), 2_400)), "\"client\";r=0;t=1");
}

#[test]
fn a_rate_is_requests_per_seconds_and_anything_else_is_refused_with_the_fix() {
    for right in ["1/1", "100/60", "1000000/86400"] {
        assert_eq!(right.parse::<Rate>().unwrap().to_string(), right);
    }
    for wrong in
        ["", "100", "100/", "/60", "0/1", "1/0", "1000001/1", "1/86401", "1.5/1", "-1/1", "1/1/1"]
    {
        assert!(wrong.parse::<Rate>().unwrap_err().contains("100/60"), "{wrong}");
    }
}
