//! The rights of every role on the broker, as they are tried.

use bus::probe::Right::{self, Configure, Read, Write};
use schemas::topology::{DEFAULT_EXCHANGE, EXCHANGES, Login, Names, QUEUES, Role};

/// Every role, and what it cannot work without.
pub(super) fn needed() -> Vec<(String, Vec<Right>)> {
    Role::ALL.into_iter().map(|role| (role.title(), tried(Login::Role(role)))).collect()
}

fn tried(login: Login) -> Vec<Right> {
    let rights = login.rights();
    let all = [
        (Configure as fn(String) -> Right, rights.configure),
        (Read, rights.read),
        (Write, rights.write),
    ];
    let each =
        all.into_iter().flat_map(|(right, names)| names.into_iter().map(move |n| (right, n)));
    each.map(|(right, names)| right(one_of(names))).collect()
}

/// A name to try it with.
fn one_of(names: Names) -> String {
    match names {
        Names::Exactly(DEFAULT_EXCHANGE) => String::new(),
        Names::Exactly(name) => name.to_owned(),
        Names::Beginning(beginning) => beginning + "check",
    }
}

/// What it takes to declare the table; whoever may not works with what stands.
pub(super) fn to_declare() -> Vec<Right> {
    let names = EXCHANGES.map(|exchange| exchange.name).into_iter();
    let names = names.chain(QUEUES.map(|queue| queue.name));
    names.map(|name| Configure(name.to_owned())).collect()
}

/// As a person reads it.
pub(super) fn word(right: &Right) -> String {
    match right {
        Configure(name) => format!("configure {name}"),
        Read(name) => format!("read {name}"),
        Write(name) if name.is_empty() => "write amq.default".to_owned(),
        Write(name) => format!("write {name}"),
    }
}
