//! `spymission topology`.

use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties};

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
async fn check_lists_what_is_missing_and_changes_nothing_and_apply_creates_it() {
    let vhost = testkit::servers::vhost();
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
    let port = testkit::servers::Port::free().unwrap();
    let broker = format!("amqp://localhost:{}", port.number());
    for verb in ["apply", "check"] {
        let (code, said) = run(&[], &["topology", verb, "--broker", &broker]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("connect"), "{said}");
    }
}

/// What an operator changed in a virtual host: arguments, a binding and a policy.
async fn alter(amqp: &str) {
    let connection = Connection::connect(amqp, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(7));
    arguments.insert("x-max-length-bytes".into(), AMQPValue::LongLongInt(8));
    channel.queue_declare("mission.dead-letters".into(), durable, arguments).await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
}

async fn check(amqp: &str, more: &[&str]) -> (i32, String) {
    let (code, said) =
        run(&[], &[&["topology", "check", "--broker", amqp][..], more].concat()).await;
    assert!(!said.contains("guest:"), "no password: {said}");
    (code, said)
}

#[tokio::test]
async fn check_names_what_it_cannot_see_and_the_management_api_shows_all() {
    let vhost = testkit::servers::vhost();
    alter(&vhost.amqp_url).await;
    assert_eq!(run(&[], &["topology", "apply", "--broker", &vhost.amqp_url]).await.0, 0);
    let (code, said) = check(&vhost.amqp_url, &[]).await;
    assert_eq!(code, 0, "another limit is tolerable: {said}");
    let differs = said.lines().filter(|line| line.starts_with("differs ")).count();
    assert_eq!(differs, 1, "the first difference of the queue: {said}");
    assert!(said.contains("not compared over AMQP") && said.contains("policies"), "{said}");

    let api = super::check::management();
    let all = ["--management", api.as_str()];
    let (code, said) = check(&vhost.amqp_url, &all).await;
    assert_eq!(code, 0, "{said}");
    for words in ["x-max-length is 7, the table has it 100000", "x-max-length-bytes is 8,"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(said.contains("tolerable differences: 2"), "{said}");

    let policy =
        r#"{"pattern":"^mission\\.","definition":{"expires":3600000},"apply-to":"queues"}"#;
    let base = std::env::var(testkit::servers::MANAGEMENT).unwrap();
    let name = vhost.name();
    let put = testkit::servers::call(&base, "PUT", &format!("/api/policies/{name}/tidy"), policy);
    assert_eq!(put.unwrap().status, 201);
    let path = format!("/api/bindings/{name}/e/mission.requests/q/mission.letters");
    assert_eq!(testkit::servers::call(&base, "POST", &path, "{}").unwrap().status, 201);
    let (code, said) = check(&vhost.amqp_url, &all).await;
    assert_eq!(code, 1, "queues that vanish cannot keep anything: {said}");
    for words in [
        "the policy tidy sets expires = 3600000",
        "rabbitmqctl clear_policy",
        "from exchange mission.requests to queue mission.letters",
        "5 wrong, 3 differ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[tokio::test]
async fn a_queue_of_another_type_is_an_error_either_way() {
    let vhost = testkit::servers::vhost();
    let connection =
        Connection::connect(&vhost.amqp_url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    let none = FieldTable::default();
    channel.queue_declare("mission.requests".into(), durable, none).await.unwrap();
    let api = super::check::management();
    let (code, said) = check(&vhost.amqp_url, &["--management", &api]).await;
    let words = "mission.requests: x-queue-type is \"classic\", the table has it \"quorum\"";
    assert!(code == 1 && said.contains(words), "{said}");
    let (code, said) = check(&vhost.amqp_url, &[]).await;
    let told = said.lines().any(|line| {
        line.starts_with("wrong ") && line.contains("inequivalent arg") && line.contains("requests")
    });
    assert!(code == 1 && told, "{said}");
}
