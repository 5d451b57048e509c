//! Makes a fault, and takes it back.

use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use schemas::Role;
use schemas::topology::{DEAD_LETTER_QUEUE, EXCHANGES, QUEUES, REQUEST_QUEUE};
use testkit::servers::{MariaDb, Rabbit};

use super::kind::{Blow, Kind, Piece};
use crate::failure::Failure;
use crate::system::{DATABASE, Part, System, USER, manage};

/// What is to be ended with a fault.
#[derive(Default)]
pub(crate) struct Begun {
    pub(crate) destroys: bool,
    locks: Vec<JoinHandle<()>>,
}

/// The programs: the one under test, and perhaps an older one.
#[derive(Clone, Copy)]
pub(crate) struct Programs<'a> {
    pub(crate) now: &'a Path,
    pub(crate) previous: Option<&'a Path>,
}

/// Makes the fault. `which` chooses among equal targets; `lasts` is how long locks are held.
///
/// # Errors
/// A server refuses, or a process does not stop by itself.
pub(crate) fn begin(
    system: &mut System,
    programs: Programs<'_>,
    (kind, lasts, which): (Kind, Duration, usize),
) -> Result<Begun, Failure> {
    let mut begun = Begun::default();
    match kind {
        Kind::Process(role, blow) => blow_of(one(system, role, which)?, blow)?,
        Kind::Replaced(role) => {
            let part = one(system, role, which)?;
            blow_of(part, Blow::Stopped)?;
            part.restart(programs.previous.ok_or("there is no previous release")?)?;
            part.await_ready()?;
        }
        Kind::Broker(Blow::Killed) => {
            system.rabbits.first().settle();
            system.rabbits.first().kill();
        }
        Kind::Broker(Blow::Frozen) => system.rabbits.first().pause(),
        Kind::Broker(Blow::Stopped) => system.rabbits.first().stop(),
        Kind::Database(Blow::Killed) => system.database.kill(),
        Kind::Database(Blow::Frozen) => system.database.pause(),
        Kind::Database(Blow::Stopped) => system.database.stop(),
        Kind::Deleted(piece) => begun.destroys = delete(system, piece, which)?,
        Kind::PermissionsRevoked => {
            system.logins.revoke(system.rabbits.first())?;
            close_connections(system.rabbits.first())?; // what a connection may do is remembered in it
        }
        Kind::BrokerPasswordChanged => {
            system.logins.make_broker_user(system.rabbits.first())?;
            close_connections(system.rabbits.first())?;
        }
        Kind::DatabasePasswordChanged => {
            system.logins.make_database_user(&system.database)?;
            kill_connections(&system.database)?;
        }
        Kind::MemoryAlarm => system.rabbits.first().alarm(true)?,
        Kind::DiskAlarm => disk_limit(system.rabbits.first(), "{absolute, 1000000000000000}")?,
        Kind::DatabaseDiskFull => system.database.fill_disk()?,
        Kind::BrokerConnectionsClosed => close_connections(system.rabbits.first())?,
        Kind::DatabaseReadOnly => drop(system.database.sql("SET GLOBAL read_only = 1")?),
        Kind::DatabaseConnectionsKilled => kill_connections(&system.database)?,
        Kind::TableLocked => {
            let lock = format!(
                "LOCK TABLES {DATABASE}.missions WRITE; DO SLEEP({:.1})",
                lasts.as_secs_f64()
            );
            begun.locks.push(holding(&system.database, lock));
        }
        Kind::RowsLocked => begun.locks.extend(deadlocks(&system.database, lasts)),
        Kind::Bad(line, toxic) => system.lines.of(line).make(toxic),
        Kind::ClockStepped(by) => {
            system.clock.as_ref().ok_or("there is no libfaketime")?.step(by)?;
        }
    }
    Ok(begun)
}

/// Takes the fault back.
///
/// # Errors
/// A server does not come back.
pub(crate) fn end(
    system: &mut System,
    programs: Programs<'_>,
    (kind, which): (Kind, usize),
    begun: Begun,
) -> Result<(), Failure> {
    match kind {
        Kind::Process(role, Blow::Frozen) => one(system, role, which)?.process().resume(),
        Kind::Process(role, _) => one(system, role, which)?.restart(programs.now)?,
        Kind::Replaced(role) => {
            let part = one(system, role, which)?;
            blow_of(part, Blow::Stopped)?;
            part.restart(programs.now)?;
            part.await_ready()?;
        }
        Kind::Broker(Blow::Frozen) => system.rabbits.first().resume(),
        Kind::Broker(_) => system.rabbits.first_mut().restart()?,
        Kind::Database(Blow::Frozen) => system.database.resume(),
        Kind::Database(_) => system.database.restart()?,
        Kind::PermissionsRevoked => system.logins.permit(system.rabbits.first())?,
        Kind::MemoryAlarm => system.rabbits.first().alarm(false)?,
        Kind::DiskAlarm => disk_limit(system.rabbits.first(), "50000000")?,
        Kind::DatabaseDiskFull => system.database.free_disk()?,
        Kind::DatabaseReadOnly => drop(system.database.sql("SET GLOBAL read_only = 0")?),
        Kind::Bad(line, toxic) => system.lines.of(line).heal(toxic),
        Kind::ClockStepped(_) => {
            system.clock.as_ref().ok_or("there is no libfaketime")?.step("+0")?;
        }
        _ => {} // it was over at once, or is repaired by the system itself
    }
    begun.locks.into_iter().for_each(|lock| drop(lock.join()));
    Ok(())
}

fn one(system: &mut System, role: Role, which: usize) -> Result<&mut Part, Failure> {
    let mut of_role: Vec<_> = system.parts.iter_mut().filter(|part| part.role == role).collect();
    let which = which % of_role.len().max(1);
    if which < of_role.len() { Ok(of_role.swap_remove(which)) } else { Err("no such role".into()) }
}

pub(crate) fn blow_of(part: &Part, blow: Blow) -> Result<(), Failure> {
    match blow {
        Blow::Killed => part.process().kill(),
        Blow::Frozen => part.process().pause(),
        Blow::Stopped if part.stop() => {}
        Blow::Stopped => return Err(format!("{} did not stop by itself", part.name()).into()),
    }
    Ok(())
}

/// Deletes one piece of the topology. Whether confirmed messages go with it.
fn delete(system: &System, piece: Piece, which: usize) -> Result<bool, Failure> {
    let vhost = system.vhost.name();
    let queue = QUEUES.get(which % QUEUES.len()).ok_or("there are no queues")?;
    let exchange = EXCHANGES.get(which % EXCHANGES.len()).ok_or("there are no exchanges")?;
    let path = match piece {
        Piece::Exchange => format!("/api/exchanges/{vhost}/{}", exchange.name),
        Piece::Queue => format!("/api/queues/{vhost}/{}", queue.name),
        Piece::Binding => {
            format!("/api/bindings/{vhost}/e/{}/q/{}/~", queue.source.name, queue.name)
        }
    };
    manage(system.rabbits.first(), "DELETE", &path, "")?;
    Ok(piece == Piece::Queue && [REQUEST_QUEUE, DEAD_LETTER_QUEUE].contains(queue))
}

/// So often it is tried again to close the connections.
const CLOSING: u32 = 4;

/// Closes every connection of the processes, as an operator would. One that ends by itself just then
/// breaks the call off, and the next call closes the others.
fn close_connections(rabbit: &Rabbit) -> Result<(), Failure> {
    let close =
        format!("rabbit_networking:close_all_user_connections(<<\"{USER}\">>, <<\"chaos\">>).");
    let mut closed = rabbit.eval(&close);
    for _ in 0..CLOSING {
        if closed.is_ok() {
            break;
        }
        closed = rabbit.eval(&close);
    }
    Ok(closed.map(drop)?)
}

fn disk_limit(rabbit: &Rabbit, limit: &str) -> Result<(), Failure> {
    let limit = limit.trim_start_matches("{absolute, ").trim_end_matches('}');
    Ok(rabbit.eval(&format!("rabbit_disk_monitor:set_disk_free_limit({limit}).")).map(drop)?)
}

fn kill_connections(database: &MariaDb) -> Result<(), Failure> {
    Ok(database.sql(&format!("KILL USER '{USER}'")).map(drop)?)
}

/// A session of its own that runs this; locks go with it.
fn holding(database: &MariaDb, sql: String) -> JoinHandle<()> {
    let run = database.client();
    std::thread::spawn(move || drop(run(&sql)))
}

/// Two sessions that lock the gaps at the end of the table in opposite order, again and again.
fn deadlocks(database: &MariaDb, lasts: Duration) -> Vec<JoinHandle<()>> {
    let lock = |order: &str| {
        format!(
            "SELECT COUNT(*) FROM (SELECT id FROM {DATABASE}.missions ORDER BY id {order} LIMIT 50 FOR UPDATE) AS locked; DO SLEEP(0.05);"
        )
    };
    let rounds = usize::try_from(lasts.as_millis() / 100).unwrap_or(1).max(1);
    let both = [["DESC", "ASC"], ["ASC", "DESC"]];
    let sql = both.map(|orders| {
        let round = format!("BEGIN; {}{}COMMIT;", lock(orders[0]), lock(orders[1]));
        round.repeat(rounds)
    });
    sql.into_iter().map(|sql| holding(database, sql)).collect()
}
