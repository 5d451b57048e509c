//! The rights of every role on the broker, in the form in which `check` tries them.

use bus::probe::Right::{self, Configure, Read, Write};
use schemas::topology::{DEFAULT_EXCHANGE, EXCHANGES, Login, Names, QUEUES, Role};

/// Every role, and the rights that it needs.
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

/// A name to try the right with.
fn one_of(names: Names) -> String {
    match names {
        Names::Exactly(DEFAULT_EXCHANGE) => String::new(),
        Names::Exactly(name) => name.to_owned(),
        Names::Beginning(beginning) => beginning + "check",
    }
}

/// The rights that are needed to declare the table. A user without them uses what is declared.
pub(super) fn to_declare() -> Vec<Right> {
    let names = EXCHANGES.map(|exchange| exchange.name).into_iter();
    let names = names.chain(QUEUES.map(|queue| queue.name));
    names.map(|name| Configure(name.to_owned())).collect()
}

/// The right in words.
pub(super) fn word(right: &Right) -> String {
    match right {
        Configure(name) => format!("configure {name}"),
        Read(name) => format!("read {name}"),
        Write(name) if name.is_empty() => "write amq.default".to_owned(),
        Write(name) => format!("write {name}"),
    }
}
