//! Carries out the faults of a schedule that happen once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::fault::{Fault, Kind};
use crate::system::System;

/// How long a process that died of a mission stays away.
const AGAIN: Duration = Duration::from_millis(300);

/// Carries out a fault, and ends it.
pub(crate) async fn disturb(system: Arc<System>, fault: Fault, begun: Instant) {
    sleep_until(begun + fault.at).await;
    let Fault { kind, lasts, choice, after, .. } = fault;
    let (world, (place, name)) = (&system.world, system.choose(choice));
    world.note(|| format!("fault: {} {choice}", kind.name()));
    if kind != Kind::KillAtStep {
        world.count(kind.name());
    }
    match kind {
        Kind::Kill => {
            let killed = system.kill(place);
            sleep(lasts).await;
            if killed {
                system.begin(place);
            }
        }
        Kind::KillAtStep => world.doom(&name, after),
        Kind::Stop => {
            system.stop(place, Duration::from_secs(15)).await;
            system.begin(place);
        }
        Kind::LoseConnection => system.disturb.lose_connection(choice),
        Kind::CancelConsumer => system.disturb.cancel_consumer(choice),
        Kind::RestartBroker => {
            system.disturb.stop();
            sleep(lasts).await;
            system.disturb.start();
        }
        Kind::Block | Kind::RequestsFull | Kind::DeadLettersFull | Kind::DatabaseAway => {
            world.lasts(kind, true);
            system.disturb.block(world.is_lasting(Kind::Block));
            sleep(lasts).await;
            world.lasts(kind, false);
            system.disturb.block(world.is_lasting(Kind::Block));
        }
    }
}

/// Kills the processes that end at a step, or of a mission, and starts them again.
pub(crate) async fn bury(system: Arc<System>, mut deaths: mpsc::UnboundedReceiver<String>) {
    while let Some(process) = deaths.recv().await {
        let Some(place) = system.place(&process) else { continue };
        if system.kill(place) {
            let system = Arc::clone(&system);
            tokio::spawn(async move {
                sleep(AGAIN).await;
                system.begin(place);
            });
        }
    }
}
