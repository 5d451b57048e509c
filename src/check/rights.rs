//! Which role needs which rights on the broker.

use bus::Right::{self, Configure, Read, Write};
use schemas::topology::{
    DEAD_LETTERS, DECISION_QUEUE, DECISIONS, EVENTS, EXCHANGES, HALVES, LETTER_QUEUE, NUMBER_QUEUE,
    QUEUES, REPLIES, REQUEST_QUEUE, REQUESTS, event_queue, reply_queue,
};

/// Every role, and what it cannot work without.
pub(super) fn needed() -> [(&'static str, Vec<Right>); 5] {
    let write = |name: &str| Write(name.to_owned());
    let read = |name: &str| Read(name.to_owned());
    let worker = |queue| vec![read(queue), write(REPLIES.name)];
    [
        ("gateway", [own("gateway"), listener("gateway"), vec![write(REQUESTS.name)]].concat()),
        ("number worker", worker(NUMBER_QUEUE.name)),
        ("letter worker", worker(LETTER_QUEUE.name)),
        (
            "decider",
            [
                own("decider"),
                vec![
                    read(REQUEST_QUEUE.name),
                    write(REQUESTS.name), // a request that is split or handed over
                    write(HALVES.name),
                    write(DECISIONS.name),
                    write(REPLIES.name),
                    write(DEAD_LETTERS.name),
                    write(""), // callers' own queues
                ],
            ]
            .concat(),
        ),
        ("persister", [worker(DECISION_QUEUE.name), vec![write(EVENTS.name)]].concat()),
    ]
}

/// A reply queue: declared, bound and consumed.
fn own(role: &str) -> Vec<Right> {
    let name = format!("{}{role}.check", reply_queue::PREFIX);
    let bound = Read(REPLIES.name.to_owned());
    vec![Configure(name.clone()), Write(name.clone()), Read(name), bound]
}

/// A queue that listens to events: declared, bound and consumed.
fn listener(role: &str) -> Vec<Right> {
    let name = format!("{}{role}.check", event_queue::PREFIX);
    let bound = Read(EVENTS.name.to_owned());
    vec![Configure(name.clone()), Write(name.clone()), Read(name), bound]
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
