//! `spymission check`: what works, what does not, and what to do about it.

use std::process::Command;

use tempfile::TempDir;
use testkit::servers::{MANAGEMENT, Port, Rabbit, Vhost, call};

use super::run;
use crate::process::Process;
use crate::system::System;

/// The management API of the shared node, as a user writes it.
pub fn management() -> String {
    let base = std::env::var(MANAGEMENT).unwrap();
    base.replacen("http://", "http://guest:guest@", 1)
}

async fn check(arguments: &[&str]) -> (i32, String) {
    let (code, said) = run(&[], &[&["check"][..], arguments].concat()).await;
    assert!(!said.contains("guest:") && !said.contains("s3cret"), "no password: {said}");
    (code, said)
}

/// The lines that begin with this word.
fn lines<'a>(said: &'a str, verdict: &str) -> Vec<&'a str> {
    said.lines().filter(|line| line.split_whitespace().next() == Some(verdict)).collect()
}

fn manage(method: &str, path: &str, body: &str) -> String {
    let reply = call(&std::env::var(MANAGEMENT).unwrap(), method, path, body).unwrap();
    assert!(reply.status < 300, "{method} {path}: {reply:?}");
    reply.body
}

/// A user of this virtual host only; deleted when dropped.
struct User {
    name: String,
    url: String,
}

impl User {
    fn new(vhost: &Vhost, permissions: [&str; 3]) -> Self {
        let name = vhost.name().to_owned(); // as unique as the virtual host
        manage("PUT", &format!("/api/users/{name}"), r#"{"password":"s3cret","tags":""}"#);
        let [configure, write, read] = permissions;
        let permissions = serde_json::json!({"configure": configure, "write": write, "read": read});
        let path = format!("/api/permissions/{name}/{name}");
        manage("PUT", &path, &permissions.to_string());
        let url = vhost.amqp_url.replace("guest:guest", &format!("{name}:s3cret"));
        Self { name, url }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        manage("DELETE", &format!("/api/users/{}", self.name), "");
    }
}

#[tokio::test]
async fn a_working_system_passes_and_nothing_is_left_behind() {
    let system = System::new().await;
    let broker = &system.amqp;
    let (code, said) = run(&[], &["topology", "apply", "--broker", broker]).await;
    assert_eq!(code, 0, "{said}");
    let vhost = system.vhost.as_ref().unwrap();
    let standing = || {
        ["exchanges", "queues", "bindings"].map(|list| {
            let query = "columns=name,source,destination,messages&disable_stats=true";
            manage("GET", &format!("/api/{list}/{}?{query}", vhost.name()), "")
        })
    };
    let before = standing();
    let (settings, api) = (["--broker", broker, "--database", &system.mysql], management());
    for more in [&[][..], &["--management", &api]] {
        let (code, said) = check(&[&settings[..], more].concat()).await;
        assert_eq!(code, 0, "{said}");
        assert!(said.ends_with("all checks passed\n"), "{said}");
        for about in ["reachable", "version", "login", "permissions", "alarms", "topology"] {
            assert!(lines(&said, "ok").iter().any(|line| line.contains(about)), "{about}: {said}");
        }
        for about in ["MariaDB", "schema", "privileges", "InnoDB", "round trip", "clock"] {
            assert!(lines(&said, "ok").iter().any(|line| line.contains(about)), "{about}: {said}");
        }
        assert!(lines(&said, "warning").is_empty() && lines(&said, "failed").is_empty(), "{said}");
    }
    assert_eq!(standing(), before);
    assert_eq!(system.rows().await, 0);
    assert_eq!(vhost.queue("mission.requests").unwrap().messages_ready, 0);
}

#[tokio::test]
async fn without_settings_it_checks_what_up_would_use_and_creates_nothing() {
    let directory = TempDir::new().unwrap();
    let checked = async || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spymission"));
        command.arg("check").current_dir(directory.path());
        let mut process = Process::spawn(command);
        (process.ended().await.code(), process.log())
    };
    let (code, said) = checked().await;
    assert_eq!(code, Some(0), "{said}");
    for words in ["nothing is set", "memory:", "spymission.db does not exist yet", "malory"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    let database = format!("sqlite:{}", directory.path().join("spymission.db").display());
    assert_eq!(run(&[], &["migrate", "--database", &database]).await.0, 0);
    let (code, said) = checked().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("SQLite 3.") && said.ends_with("all checks passed\n"), "{said}");
}

#[tokio::test]
async fn each_cause_why_a_broker_cannot_be_reached_has_its_own_message() {
    let vhost = testkit::servers::vhost();
    let (good, nobody) = (vhost.amqp_url.as_str(), Port::free().unwrap().number());
    let mysql = testkit::servers::mysql_url("x").replace("mysql://root@", "amqp://u:s3cret@");
    for (broker, words) in [
        ("amqp://u:s3cret@nowhere.invalid/x".to_owned(), ["the name is unknown", "DNS"]),
        (
            format!("amqp://u:s3cret@127.0.0.1:{nobody}/x"),
            ["nobody listens", "whether RabbitMQ runs"],
        ),
        (mysql, ["no AMQP is spoken there", "check the port"]),
        (good.replace("amqp://", "amqps://"), ["TLS fails", "5671"]),
        (good.replace("guest:guest", "guest:s3cret"), ["ACCESS_REFUSED", "password in --broker"]),
        (format!("{good}-not"), ["not found", "rabbitmqctl add_vhost"]),
    ] {
        let (code, said) = check(&["--broker", &broker]).await;
        assert_eq!(code, 1, "{said}");
        let [failed] = lines(&said, "failed")[..] else { panic!("{said}") };
        assert!(words.iter().all(|word| failed.contains(word)), "{words:?}: {failed}");
    }
}

#[tokio::test]
async fn each_cause_why_a_database_cannot_be_reached_has_its_own_message() {
    let database = testkit::servers::database();
    let (good, nobody) = (database.url.as_str(), Port::free().unwrap().number());
    let directory = TempDir::new().unwrap();
    let strange = directory.path().join("strange");
    std::fs::write(&strange, "this is no database, but long enough to look at: ".repeat(99))
        .unwrap();
    for (database, words) in [
        ("mysql://u:s3cret@nowhere.invalid/x".to_owned(), ["is unknown", "DNS"]),
        (format!("mysql://u:s3cret@127.0.0.1:{nobody}/x"), ["refused", "whether the server runs"]),
        (good.replace("root@", "root:s3cret@"), ["Access denied", "password in --database"]),
        (format!("{good}_not"), ["Unknown database", "spymission migrate"]),
        (good.to_owned(), ["tables are missing", "spymission migrate"]),
        (format!("sqlite:{}", strange.display()), ["not a database", "name another file"]),
        (
            "sqlite:/nowhere/at/all.db".to_owned(),
            ["directory /nowhere/at does not exist", "create it"],
        ),
    ] {
        let (code, said) = check(&["--database", &database]).await;
        assert_eq!(code, 1, "{database}: {said}");
        let [failed] = lines(&said, "failed")[..] else { panic!("{said}") };
        assert!(words.iter().all(|word| failed.contains(word)), "{words:?}: {failed}");
    }
}

#[tokio::test]
async fn missing_rights_of_a_user_of_the_broker_are_named_by_role() {
    let vhost = testkit::servers::vhost();
    assert_eq!(run(&[], &["topology", "apply", "--broker", &vhost.amqp_url]).await.0, 0);
    let number = User::new(&vhost, ["", "^mission\\.(replies|events)$", "^mission\\.numbers$"]);
    let (code, said) = check(&["--broker", &number.url]).await;
    assert_eq!(code, 0, "{said}");
    let enough = lines(&said, "ok").into_iter().find(|line| line.contains("enough for")).unwrap();
    assert!(enough.ends_with("enough for number worker"), "{enough}");
    let warnings = lines(&said, "warning");
    let of = |role: &str| warnings.iter().find(|line| line.contains(role)).unwrap();
    assert_eq!(warnings.len(), 4, "{said}");
    assert!(of("the letter worker").contains("may not read mission.letters; next: `rabbitmqctl"));
    let lacks = "read mission.decisions, read mission.dead-letters, write mission.dead-letters";
    assert!(of("the persister").contains(lacks));
    assert!(of("the gateway").contains("configure reply.gateway.check"));
    assert!(of("the decider").contains("write amq.default"));
    assert!(said.contains("may not declare"), "{said}");
    drop(number);
    let nothing = User::new(&vhost, ["", "", ""]);
    let (code, said) = check(&["--broker", &nothing.url]).await;
    assert_eq!((code, lines(&said, "failed").len()), (1, 5), "{said}");
}

#[tokio::test]
async fn missing_rights_of_a_user_of_the_database_are_named() {
    let system = System::new().await;
    let place = system.mysql.rsplit_once('/').unwrap();
    let (host, database) = (place.0.rsplit_once('@').unwrap().1, place.1);
    let execute = async |sql: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&system.pool).await.unwrap();
    };
    let user = database; // as unique
    execute(format!("CREATE USER '{user}'@'%' IDENTIFIED BY 's3cret'")).await;
    execute(format!("GRANT SELECT ON {database}.* TO '{user}'@'%'")).await;
    let url = format!("mysql://{user}:s3cret@{host}/{database}");
    let (code, said) = check(&["--database", &url]).await;
    execute(format!("GRANT INSERT ON {database}.* TO '{user}'@'%'")).await;
    let (better, well) = check(&["--database", &url]).await;
    execute("RENAME TABLE dead_letter_actions TO lost".to_owned()).await;
    let (_, lost) = check(&["--database", &url]).await;
    execute("RENAME TABLE lost TO dead_letter_actions".to_owned()).await;
    execute(format!("DROP TABLE {database}._sqlx_migrations")).await;
    let (_, older) = check(&["--database", &url]).await;
    execute(format!("DROP USER '{user}'@'%'")).await;
    assert_eq!(code, 1, "{said}");
    let failed = lines(&said, "failed");
    for (line, what, who) in [
        (0, "may not store missions (INSERT on missions)", "a persister needs it"),
        (1, "may not store dead letters (INSERT on dead_letters)", "a persister needs it"),
        (2, "may not act on dead letters (INSERT on", "a gateway needs it"),
    ] {
        let line = failed.get(line).unwrap_or_else(|| panic!("{said}"));
        assert!(line.contains(what) && line.contains(who) && line.contains("GRANT"), "{said}");
    }
    let failed = lines(&lost, "failed");
    let missing = "the table dead_letter_actions is missing";
    assert!(failed.len() == 2 && failed.iter().all(|line| line.contains(missing)), "{lost}");
    assert_eq!(better, 0, "{well}");
    assert!(older.contains("as a user who may CREATE, ALTER and INDEX"), "{older}");
}

#[tokio::test]
async fn an_alarm_is_reported() {
    let rabbit = Rabbit::start().unwrap();
    let vhost = rabbit.vhost();
    assert_eq!(run(&[], &["topology", "apply", "--broker", &vhost.amqp_url]).await.0, 0);
    rabbit.alarm(true).unwrap();
    let (code, said) = check(&["--broker", &vhost.amqp_url]).await;
    assert_eq!(code, 1, "{said}");
    let [failed] = lines(&said, "failed")[..] else { panic!("{said}") };
    assert!(failed.contains("alarms") && failed.contains("accepts no messages"), "{said}");
    let api = rabbit.management_url().replacen("http://", "http://guest:guest@", 1);
    let (_, said) = check(&["--broker", &vhost.amqp_url, "--management", &api]).await;
    assert!(said.contains("the cluster has an alarm: "), "{said}");
    rabbit.alarm(false).unwrap();
    assert_eq!(check(&["--broker", &vhost.amqp_url]).await.0, 0);
}

#[tokio::test]
async fn a_wrong_setting_ends_it_before_anything_is_tried() {
    for (arguments, name) in [
        (["--broker", "tcp://u:s3cret@h"], "--broker"),
        (["--database", "postgres://u:s3cret@h/x"], "--database"),
        (["--management", "http://h:15672"], "--management"),
        (["--management", "amqp://u:s3cret@h"], "--management"),
        (["--management-file", "/nowhere/at/all"], "--management-file"),
    ] {
        let (code, said) = check(&arguments).await;
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(name) && !said.contains("ok  "), "{said}");
    }
}

#[tokio::test]
async fn a_broken_casebook_is_reported_beside_the_rest() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("mine.toml");
    std::fs::write(&file, "name = \"mine\"\n").unwrap();
    let settings = ["--broker", "memory:", "--casebook", file.to_str().unwrap()];
    let (code, said) = check(&settings).await;
    assert_eq!((code, lines(&said, "ok").len()), (1, 1), "{said}");
    assert!(said.contains("[[objective]]") && said.contains("[[target]]"), "{said}");
}

#[tokio::test]
async fn a_missing_management_api_is_reported() {
    let vhost = testkit::servers::vhost();
    let nobody = Port::free().unwrap().number();
    let good = management();
    for (api, words) in [
        (format!("http://u:s3cret@127.0.0.1:{nobody}"), "cannot be reached"),
        (good.replace("guest:guest", "guest:s3cret"), "refuses user \"guest\""),
        (vhost.amqp_url.replace("amqp://", "http://"), "cannot be reached"),
    ] {
        let (code, said) = check(&["--management", &api]).await;
        assert_eq!(code, 1, "{said}");
        assert!(lines(&said, "failed")[0].contains(words), "{words}: {said}");
        assert!(lines(&said, "failed")[0].contains("next: "), "{said}");
    }
}
