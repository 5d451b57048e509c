//! What each user may do on a real broker: what its role must, and nothing else.

use bus::Broker;
use bus::probe::Right::{self, Configure, Read, Write};
use bus::probe::lacking;
use schemas::Role;
use schemas::topology::{
    DEFAULT_EXCHANGE, EXCHANGES, Login, Names, QUEUES, event_queue, reply_queue,
};
use uuid::Uuid;

use super::Users;

/// Names that nobody has a right to: they only look like ours.
const OTHERS: [&str; 8] = [
    "elsewhere",
    "amq.topic",
    "mission",
    "missions.requests",
    "missionXrequests",
    "my.mission.requests",
    "reply",
    "events",
];

/// Every exchange, every queue, the own queues of each role, and others.
fn names() -> Vec<String> {
    let own = |role: Role| {
        [reply_queue::name, event_queue::name].map(|name| name(role.name(), Uuid::nil()))
    };
    let declared = EXCHANGES.map(|exchange| exchange.name).into_iter();
    let declared = declared.chain(QUEUES.map(|queue| queue.name)).map(str::to_owned);
    let longer = QUEUES.map(|queue| format!("{}.more", queue.name));
    let others = OTHERS.map(str::to_owned);
    declared.chain(Role::ALL.into_iter().flat_map(own)).chain(longer).chain(others).collect()
}

/// Whether one of these names is meant.
fn among(name: &str, granted: &[Names]) -> bool {
    granted.iter().any(|each| match each {
        Names::Exactly(exactly) => name == *exactly,
        Names::Beginning(beginning) => name.starts_with(beginning),
    })
}

/// Every right, and whether it is declared for this login.
fn all_rights(login: Login) -> Vec<(Right, bool)> {
    let declared = login.rights();
    let default = (Write(String::new()), among(DEFAULT_EXCHANGE, &declared.write));
    let each = names().into_iter().flat_map(|name| {
        [
            (Configure(name.clone()), among(&name, &declared.configure)),
            (Read(name.clone()), among(&name, &declared.read)),
            (Write(name.clone()), among(&name, &declared.write)),
        ]
    });
    each.chain([default]).collect()
}

#[tokio::test]
async fn each_user_may_do_on_the_broker_what_is_declared_and_nothing_else() {
    let vhost = testkit::servers::vhost();
    let users = Users::made(&vhost).await;
    for login in Login::all() {
        let user = Broker::new(users.address(login.name()).parse().unwrap());
        let rights = all_rights(login);
        let tried = rights.iter().map(|(right, _)| right.clone()).collect();
        let lacking = lacking(&user, tried).await.unwrap();
        assert!(!lacking.blocked, "an alarm hides what may be written");
        for (right, declared) in rights {
            assert_eq!(!lacking.refused.contains(&right), declared, "{}: {right:?}", login.name());
        }
    }
}

/// Not derived from what is declared, so that a right too much there is noticed.
#[tokio::test]
async fn nobody_may_do_the_work_of_another_role() {
    let vhost = testkit::servers::vhost();
    let users = Users::made(&vhost).await;
    for (login, right, name) in [
        ("gateway", Read as fn(String) -> Right, "mission.requests"),
        ("gateway", Write, "mission.replies"),
        ("number", Read, "mission.letters"),
        ("letter", Read, "mission.numbers"),
        ("letter", Write, "mission.requests"),
        ("decider", Read, "mission.decisions"),
        ("persister", Read, "mission.requests"),
        ("persister", Write, "mission.decisions"),
        ("persister", Configure, "mission.dead-letters"),
    ] {
        let user = Broker::new(users.address(login).parse().unwrap());
        let right = right(name.to_owned());
        let lacking = lacking(&user, vec![right.clone()]).await.unwrap();
        assert_eq!(lacking.refused, [right], "{login}");
    }
}
