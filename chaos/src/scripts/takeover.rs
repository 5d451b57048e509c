//! What is done to the primary of a database, and how its replica takes over.
//!
//! The processes reach the primary at one address, as at a virtual one, which moves with it. An old
//! primary that was killed has perhaps what nobody else has: followed semi-synchronously it takes that
//! back and follows the new one; else it is thrown away, and an empty server follows in its place.

use std::time::Duration;

use testkit::servers::Replication;

use super::step::{Step, wait};
use crate::failure::Failure;
use crate::proxy::Toxic;
use crate::system::{Line, Standby, System};

/// How long the line to a replica is bad before its primary is killed: longer than a persister waits
/// for the answer to a statement.
const BAD: Duration = Duration::from_secs(5);
/// How long a replica is away: longer than a caller waits.
const AWAY: Duration = Duration::from_secs(15);

pub(super) fn steps(replication: Replication, quick: bool) -> Vec<Step> {
    let name = match replication {
        Replication::Asynchronous => "asynchronous",
        Replication::SemiSynchronous => "semi-synchronous",
    };
    let killed = |toxic, how| {
        let name = format!("takeover: {name} primary killed{how}");
        Step::new(name, move |system, _| kill(system, toxic))
    };
    let near = || killed(Toxic::None, "");
    let far = killed(Toxic::Latency, ", its replica 100 ms away");
    let silent = killed(Toxic::BlackHole, ", its replica cut off for 5 s");
    let read_only = || {
        let name = format!("takeover: {name} primary made read-only and replaced");
        Step::new(name, |system, _| replace(system))
    };
    let away = || {
        let name = format!("takeover: replica of a {name} primary away for 15 s");
        Step::new(name, |system, _| leave(system))
    };
    match (replication, quick) {
        (Replication::Asynchronous, true) => vec![silent],
        (Replication::Asynchronous, false) => vec![near(), near(), near(), far, silent],
        (Replication::SemiSynchronous, true) => vec![near(), silent],
        (Replication::SemiSynchronous, false) => {
            vec![near(), near(), near(), far, silent, read_only(), away()]
        }
    }
}

/// The primary is killed when its line to the replica has been so for a while.
fn kill(system: &mut System, toxic: Toxic) -> Result<(), Failure> {
    standby(system)?.line.make(toxic);
    wait(if toxic == Toxic::None { Duration::ZERO } else { BAD });
    system.database.kill();
    take_over(system)?;
    let port = system.database.port();
    let old = standby(system)?;
    old.line.heal(toxic);
    old.line.lead_to(port);
    match old.replication {
        Replication::Asynchronous => old.replace()?,
        Replication::SemiSynchronous => old.node.restart()?,
    }
    Ok(old.node.follow(old.line.port())?)
}

/// The primary is made read-only, which whoever writes notices by an error. When the replica has all
/// that it wrote, they change places.
fn replace(system: &mut System) -> Result<(), Failure> {
    system.database.sql("SET GLOBAL read_only = 1")?;
    let last = system.database.sql("SELECT @@GLOBAL.gtid_binlog_pos")?;
    standby(system)?.node.await_applied(&last)?;
    take_over(system)?;
    let port = system.database.port();
    let old = standby(system)?;
    old.line.lead_to(port);
    Ok(old.node.follow(old.line.port())?)
}

/// The replica is killed, and comes back.
fn leave(system: &mut System) -> Result<(), Failure> {
    let replica = standby(system)?;
    replica.node.kill();
    wait(AWAY);
    replica.node.restart()?;
    Ok(replica.node.follow(replica.line.port())?)
}

/// The replica becomes the primary, and the address leads to it. The old primary is the standby then.
fn take_over(system: &mut System) -> Result<(), Failure> {
    let System { database, standby: Some(standby), lines, .. } = system else {
        return Err(NO_REPLICA.into());
    };
    standby.node.lead(standby.replication)?;
    std::mem::swap(database, &mut standby.node);
    lines.of(Line::ToDatabase).lead_to(database.port());
    Ok(())
}

fn standby(system: &mut System) -> Result<&mut Standby, Failure> {
    system.standby.as_mut().ok_or_else(|| NO_REPLICA.into())
}

const NO_REPLICA: &str = "there is no replica";
