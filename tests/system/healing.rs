//! Exchanges, queues and bindings that somebody deletes under load: the system is back within
//! seconds, and no caller loses a mission.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use lapin::options::{
    ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use schemas::topology::{Argument, EXCHANGES, Exchange, QUEUES, Queue, REQUEST_QUEUE};
use uuid::Uuid;

use crate::system::{System, eventually};

/// The system is back when a request that was begun after the deletion is answered.
const BACK: Duration = Duration::from_secs(5);

/// What is deleted.
#[derive(Debug, Clone, Copy)]
enum Part {
    Exchange(Exchange),
    Queue(Queue),
    Binding(Queue),
}

impl Part {
    fn all() -> impl Iterator<Item = Self> {
        let exchanges = EXCHANGES.into_iter().map(Self::Exchange);
        let queues = QUEUES.into_iter().map(Self::Queue);
        exchanges.chain(queues).chain(QUEUES.into_iter().map(Self::Binding))
    }

    async fn delete(self, channel: &Channel) {
        match self {
            Self::Exchange(exchange) => {
                let options = ExchangeDeleteOptions::default();
                channel.exchange_delete(exchange.name.into(), options).await.unwrap();
            }
            Self::Queue(queue) => {
                let options = QueueDeleteOptions::default();
                channel.queue_delete(queue.name.into(), options).await.unwrap();
            }
            Self::Binding(queue) => {
                let (name, source) = (queue.name.into(), queue.source.name.into());
                let none = FieldTable::default();
                channel.queue_unbind(name, source, "".into(), none).await.unwrap();
            }
        }
    }

    /// Whether requests are deleted with it that the broker had confirmed.
    fn held_requests(self) -> bool {
        matches!(self, Self::Queue(queue) if queue == REQUEST_QUEUE)
    }
}

/// Posts one mission after the other until it is told to stop; says which were accepted.
async fn post_until(system: &System, stop: &AtomicBool) -> Vec<Uuid> {
    let client = reqwest::Client::new();
    let mut accepted = Vec::new();
    while !stop.load(Relaxed) {
        let url = format!("{}/missions", system.gateway);
        let answer = client.post(url).send().await.unwrap();
        if matches!(answer.status().as_u16(), 201 | 202) {
            accepted.push(mission_of(&answer));
        }
    }
    accepted
}

fn mission_of(answer: &reqwest::Response) -> Uuid {
    let location = answer.headers()["location"].to_str().unwrap();
    let path = location.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().parse().unwrap()
}

/// Posts until one that was begun after this is answered with its mission; says how long it took.
async fn until_back(system: &System) -> Duration {
    let begun = Instant::now();
    let url = format!("{}/missions", system.gateway);
    eventually("a mission", async || {
        let post = reqwest::Client::new().post(&url).header("prefer", "wait=5");
        post.send().await.is_ok_and(|answer| answer.status().as_u16() == 201)
    })
    .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_of_the_topology_that_is_deleted_under_load_is_back_within_seconds() {
    let system = Arc::new(System::new().await);
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    until_back(&system).await;
    let properties = ConnectionProperties::default();
    let operator = Connection::connect(&system.amqp, properties).await.unwrap();
    let mut slow = Vec::new();
    for part in Part::all() {
        let stop = Arc::new(AtomicBool::new(false));
        let load = {
            let (system, stop) = (Arc::clone(&system), Arc::clone(&stop));
            tokio::spawn(async move { post_until(&system, &stop).await })
        };
        let channel = operator.create_channel().await.unwrap();
        part.delete(&channel).await;
        let took = until_back(&system).await;
        eprintln!("{part:?}: back after {took:?}");
        if took > BACK {
            slow.push(part);
        }
        stop.store(true, Relaxed);
        let accepted = load.await.unwrap();
        if !part.held_requests() {
            for id in accepted {
                let stored = async || system.row(id).await.is_some();
                eventually(&format!("{id}, accepted while {part:?} was deleted"), stored).await;
            }
        }
    }
    assert!(slow.is_empty(), "back too late: {slow:?}");
}

/// Makes the request queue as the table says.
async fn make_request_queue(channel: &Channel) {
    let mut arguments = FieldTable::default();
    for (key, value) in REQUEST_QUEUE.arguments() {
        let value = match value {
            Argument::Text(text) => AMQPValue::LongString(text.into()),
            Argument::Whole(n) => AMQPValue::LongLongInt(n),
        };
        arguments.insert(key.into(), value);
    }
    let (name, source) = (REQUEST_QUEUE.name.into(), REQUEST_QUEUE.source.name.into());
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(name, durable, arguments).await.unwrap();
    let (name, none) = (REQUEST_QUEUE.name.into(), FieldTable::default());
    channel.queue_bind(name, source, "".into(), QueueBindOptions::default(), none).await.unwrap();
}

/// So does a script that wants an empty queue. RabbitMQ 3.10 then mostly attaches the decider's consumer
/// to the new queue, tells nobody, and delivers nothing to it.
#[tokio::test]
async fn a_request_queue_that_is_deleted_and_made_again_at_once_is_taken_from_again_within_seconds()
{
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    until_back(&system).await;
    let properties = ConnectionProperties::default();
    let operator = Connection::connect(&system.amqp, properties).await.unwrap();
    let channel = operator.create_channel().await.unwrap();
    for _ in 0..3 {
        Part::Queue(REQUEST_QUEUE).delete(&channel).await;
        make_request_queue(&channel).await;
        let took = until_back(&system).await;
        eprintln!("back after {took:?}");
        assert!(took <= BACK, "back after {took:?}");
    }
}
