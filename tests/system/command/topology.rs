//! `spymission topology`.

use super::run;

const NAMES: [&str; 11] = [
    "mission.requests",
    "mission.halves",
    "mission.decisions",
    "mission.replies",
    "mission.events",
    "mission.dead-letters",
    "mission.requests",
    "mission.numbers",
    "mission.letters",
    "mission.decisions",
    "mission.dead-letters",
];

#[tokio::test]
async fn show_prints_every_exchange_and_queue() {
    let (code, said) = run(&[], &["topology", "show"]).await;
    assert_eq!(code, 0);
    let mut first: Vec<&str> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    first.retain(|word| word.starts_with("mission."));
    first.sort_unstable();
    let mut names = NAMES;
    names.sort_unstable();
    assert_eq!(first, names);
    for argument in ["quorum", "x-delivery-limit = 20", "reject-publish", "x-message-ttl = 30000"] {
        assert!(said.contains(argument), "{argument}: {said}");
    }
}

#[tokio::test]
async fn check_lists_what_is_missing_and_changes_nothing_until_apply_makes_it_good() {
    let vhost = xtask::nodes::vhost();
    let topology = async |verb: &str| {
        let (code, said) = run(&[], &["topology", verb, "--broker", &vhost.amqp_url]).await;
        assert!(!said.contains("guest"), "no user, no password: {said}");
        (code, said)
    };
    for _ in 0..2 {
        let (code, said) = topology("check").await;
        let missing = said.lines().filter(|line| line.contains("it is missing"));
        let mut missing: Vec<&str> =
            missing.filter_map(|line| line.split_whitespace().nth(1)?.strip_suffix(':')).collect();
        missing.sort_unstable();
        let mut names = NAMES;
        names.sort_unstable();
        assert_eq!((code, missing), (1, names.to_vec()), "{said}");
    }
    for verb in ["apply", "check", "apply"] {
        let (code, said) = topology(verb).await;
        assert_eq!(code, 0, "{verb}: {said}");
    }
    assert!(vhost.queue("mission.requests").is_some());
}

#[tokio::test]
async fn without_a_broker_it_says_so_and_fails() {
    let port = xtask::nodes::Port::free().unwrap();
    let broker = format!("amqp://localhost:{}", port.number());
    for verb in ["apply", "check"] {
        let (code, said) = run(&[], &["topology", verb, "--broker", &broker]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("connect"), "{said}");
    }
}
