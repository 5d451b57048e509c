//! What is done to a RabbitMQ cluster.
//!
//! A node is cut off by Erlang itself: it gives up its connections with the other nodes and refuses new
//! ones, while clients still reach it. The others notice that at once. A node that is frozen answers
//! nobody, and that is noticed when heartbeats are missing: how long callers stand still then, and until
//! RabbitMQ has forgotten the consumers that are gone, is measured, and has no bound.

use std::time::Duration;

use schemas::topology::{QUEUES, REQUEST_QUEUE, Role};
use testkit::process::poll;
use testkit::servers::{Error, Rabbit};

use super::step::{Step, wait};
use crate::failure::Failure;
use crate::system::System;

/// How many nodes there are, and members of each quorum queue.
pub(super) const NODES: usize = 3;
/// The longest that callers may stand still, in milliseconds.
const LONGEST: u64 = 5_000;
/// How long a node is away.
const AWAY: Duration = Duration::from_secs(10);
/// How long it may keep a consumer whose connection is closed.
const FORGOTTEN: Duration = Duration::from_secs(120);
/// How often that is asked, which costs RabbitMQ a second.
const LOOK: Duration = Duration::from_secs(5);
/// How long the cluster may take until every member of every queue runs.
const WHOLE: Duration = Duration::from_secs(60);

pub(super) fn steps() -> Vec<Step> {
    vec![
        Step::new("cluster: leader of the requests killed", |system, _| {
            let leader = leader(system)?;
            node(system, leader)?.kill();
            wait(AWAY);
            back(system, leader, Rabbit::restart)
        })
        .within(LONGEST),
        Step::new("cluster: every node restarted in turn", |system, _| {
            for number in 0..NODES {
                node(system, number)?.stop();
                back(system, number, Rabbit::restart)?;
            }
            Ok(())
        })
        .within(LONGEST),
        Step::new("cluster: a node cut off that leads nothing", |system, _| {
            let leader = leader(system)?;
            cut_off(system, (leader + 1) % NODES)
        })
        .within(LONGEST),
        Step::new("cluster: leader of the requests cut off", |system, _| {
            let leader = leader(system)?;
            cut_off(system, leader)
        })
        .within(LONGEST),
        Step::new("cluster: leader of the requests frozen", |system, _| {
            let leader = leader(system)?;
            node(system, leader)?.pause();
            wait(AWAY);
            back(system, leader, |node| {
                node.resume();
                Ok(())
            })?;
            await_living_consumers(system)
        }),
    ]
}

fn node(system: &mut System, number: usize) -> Result<&mut Rabbit, Failure> {
    system.rabbits.node_mut(number).ok_or_else(|| "there is no such node".into())
}

fn cut_off(system: &mut System, number: usize) -> Result<(), Failure> {
    system.rabbits.cut_off(number)?;
    wait(AWAY);
    system.rabbits.join(number)?;
    await_whole(system)
}

/// Brings a node back, and waits until its members run.
fn back(
    system: &mut System,
    number: usize,
    bring: impl FnOnce(&mut Rabbit) -> Result<(), Error>,
) -> Result<(), Failure> {
    bring(node(system, number)?)?;
    await_whole(system)
}

/// Waits until only living consumers take requests. A channel that was asked to cancel its consumer waits
/// a minute for a leader that is frozen, and RabbitMQ gives it requests although its connection is closed.
fn await_living_consumers(system: &System) -> Result<(), Failure> {
    let deciders = system.parts.iter().filter(|part| part.role == Role::Decider).count();
    let consumers = || system.rabbits.consumers(system.vhost.name(), REQUEST_QUEUE.name);
    let living = poll(FORGOTTEN, || {
        let living = consumers()? <= deciders;
        if !living {
            wait(LOOK);
        }
        living.then_some(())
    });
    living.ok_or_else(|| format!("{:?} consumers of {deciders} deciders", consumers()).into())
}

/// The number of the node that leads the queue of requests, when the cluster is whole.
fn leader(system: &System) -> Result<usize, Failure> {
    await_whole(system)?;
    let members = system.rabbits.members(system.vhost.name(), REQUEST_QUEUE.name);
    let leader = members.and_then(|members| system.rabbits.number(&members.leader));
    leader.ok_or_else(|| "no node leads".into())
}

/// Waits until every queue has a running member on every node.
fn await_whole(system: &System) -> Result<(), Failure> {
    let whole = |name: &str| {
        let members = system.rabbits.members(system.vhost.name(), name);
        members
            .is_some_and(|members| [&members.all, &members.online].iter().all(|m| m.len() == NODES))
    };
    let queues = QUEUES.map(|queue| queue.name);
    let all = poll(WHOLE, || queues.iter().all(|name| whole(name)).then_some(()));
    all.ok_or_else(|| {
        let members = queues.map(|name| system.rabbits.members(system.vhost.name(), name));
        format!("the cluster is not whole: {members:?}").into()
    })
}
