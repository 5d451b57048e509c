//! Callers over AMQP, who are no processes of ours.

use std::time::Duration;

use bus::{Broker, Confirmed, Delivery, Envelope, Fault, Link};
use schemas::topology::{self, REQUEST_QUEUE};
use schemas::{MessageType, Missions, Problem};
use tokio::time::{sleep, timeout};

use crate::request::{Amqp, Planned};
use crate::rows::stands;
use crate::system::System;
use crate::told::Told;

/// How long a caller waits for its reply.
const WAIT: Duration = Duration::from_secs(8);

/// Asks, and waits for the reply.
pub(crate) async fn ask(system: &System, planned: &Planned, amqp: &Amqp) -> Vec<Told> {
    let mut all = Vec::new();
    for _ in 0..=amqp.repeats {
        let told = once(system, planned, amqp).await.unwrap_or(Told::Unknown);
        system.world.note(|| format!("request {} is told {told:?}", planned.number));
        all.push(told);
        sleep(Duration::from_millis(700)).await;
    }
    all
}

async fn once(system: &System, planned: &Planned, amqp: &Amqp) -> Result<Told, Fault> {
    let name = format!("caller-{}", planned.number);
    let broker = Broker::simulated(&system.disturb, &name);
    let Ok(link) = broker.open(&name).await else { return Ok(Told::Nothing) };
    let mut replies = link.consume_own(&name, 64).await?;
    let told = publish(&link, planned, amqp, &name).await?;
    if amqp.replies && told == Told::Kept {
        let settler = replies.settler();
        let mut seen = 0;
        while seen < planned.missions
            && let Ok(reply) = timeout(WAIT, replies.next()).await
        {
            let Some(reply) = reply? else { break };
            settler.ack(reply.tag)?;
            seen += judge(system, planned, &name, &reply);
        }
    }
    Ok(told)
}

async fn publish(link: &Link, planned: &Planned, amqp: &Amqp, name: &str) -> Result<Told, Fault> {
    let publisher = link.confirmed_publisher().await?;
    let ids = planned.ids();
    let one = planned.missions == 1;
    let body = if amqp.bad {
        b"{\"missions\":[]}".to_vec()
    } else if one {
        b"{}".to_vec()
    } else {
        serde_json::to_vec(&serde_json::json!({ "missions": ids })).unwrap_or_default()
    };
    let reply_to = if amqp.forged { Some(REQUEST_QUEUE.name) } else { Some(name) };
    let envelope = Envelope {
        message_id: ids.first().map(ToString::to_string),
        reply_to: reply_to.filter(|_| amqp.replies || amqp.forged).map(str::to_owned),
        correlation_id: Some(name.to_owned()),
        expiration: amqp.expires.map(|millis| millis.to_string()),
        ..Envelope::default()
    };
    Ok(match publisher.publish(topology::REQUESTS, &envelope, &body).await? {
        Confirmed::Taken => Told::Kept,
        Confirmed::Refused | Confirmed::Unroutable => Told::Nothing,
    })
}

/// Judges a reply; returns how many missions it is about.
fn judge(system: &System, planned: &Planned, name: &str, reply: &Delivery) -> usize {
    let world = &system.world;
    if reply.envelope.correlation_id.as_deref() != Some(name) {
        let id = &reply.envelope.correlation_id;
        world.breach("I6 no crossing", format!("{name} got a reply to {id:?}"));
    }
    let ids = planned.ids();
    match reply.envelope.kind {
        Some(MessageType::Missions | MessageType::Stored) => {
            let read: Result<Missions, _> = serde_json::from_slice(&reply.body);
            let missions = read.map(|read| read.missions).unwrap_or_default();
            if missions.is_empty() || missions.iter().any(|mission| !ids.contains(&mission.id)) {
                world.breach("I6 no crossing", format!("{name} got {missions:?}"));
            }
            stands(system, &missions);
            missions.len()
        }
        Some(MessageType::Problem) => {
            let read: Result<Problem, _> = serde_json::from_slice(&reply.body);
            read.map_or(planned.missions, |problem| problem.missions().len().max(1))
        }
        kind => {
            world.breach("I6 no crossing", format!("{name} got a message of type {kind:?}"));
            0
        }
    }
}
