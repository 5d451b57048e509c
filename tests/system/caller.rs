//! A caller that speaks AMQP: it publishes requests, and reads its replies on a queue of its own.

use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use serde_json::{Value, json};
use sqlx::{MySqlPool, Row};
use uuid::Uuid;

use crate::process::Process;
use crate::system::{DEADLINE, System, eventually};

/// One connection with an exclusive reply queue; gone when it is dropped.
pub struct Caller {
    pub queue: String,
    channel: Channel,
    replies: Consumer,
    connection: Connection,
    pool: MySqlPool,
}

/// A reply.
pub struct Reply {
    pub kind: String,
    pub correlation_id: String,
    pub body: Value,
}

/// A dead letter.
pub struct DeadLetter {
    pub reason: String,
    pub role: String,
    pub tries: i64,
    pub body: Value,
}

impl Caller {
    /// Connects, after the exchanges and queues have been declared.
    pub async fn connect(system: &System) -> Self {
        let mut apply = Process::start(&["topology", "apply", "--broker", &system.amqp], None);
        assert!(apply.ended().await.success(), "{}", apply.log());
        let connecting = Connection::connect(&system.amqp, ConnectionProperties::default());
        let connection = connecting.await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let exclusive = QueueDeclareOptions { exclusive: true, ..Default::default() };
        let none = FieldTable::default();
        let queue = channel.queue_declare("".into(), exclusive, none).await.unwrap();
        let queue = queue.name().to_string();
        let replies = consume(&channel, &queue).await;
        Self { queue, channel, replies, connection, pool: system.pool.clone() }
    }

    /// Publishes one request for these missions; its correlation id is the first of them.
    pub async fn request(&self, missions: &[Uuid]) {
        self.requests(&[missions]).await;
    }

    /// Publishes requests one after the other, and returns when all of them are confirmed.
    pub async fn requests(&self, requests: &[&[Uuid]]) {
        self.publish(requests, &self.queue).await;
    }

    /// The same with another return address.
    pub async fn publish(&self, requests: &[&[Uuid]], reply_to: &str) {
        let mut confirms = Vec::new();
        for missions in requests {
            let properties = BasicProperties::default()
                .with_delivery_mode(2)
                .with_reply_to(reply_to.into())
                .with_correlation_id(missions[0].to_string().into());
            let body = json!({ "missions": missions }).to_string();
            confirms.push(self.send("mission.requests", "", properties, body.as_bytes()).await);
        }
        for confirm in confirms {
            assert!(confirm.await.unwrap().is_ack());
        }
    }

    /// Publishes any message to any exchange.
    pub async fn send(
        &self,
        exchange: &str,
        key: &str,
        properties: BasicProperties,
        body: &[u8],
    ) -> impl Future<Output = lapin::Result<Confirmation>> + use<> {
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let publishing =
            self.channel.basic_publish(exchange.into(), key.into(), options, body, properties);
        publishing.await.unwrap()
    }

    /// The next reply.
    pub async fn reply(&mut self) -> Reply {
        let waiting = tokio::time::timeout(DEADLINE, self.replies.next());
        let delivery = waiting.await.expect("a reply in time").unwrap().unwrap();
        let text = |property: &Option<lapin::types::ShortString>| {
            property.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default()
        };
        Reply {
            kind: text(delivery.properties.kind()),
            correlation_id: text(delivery.properties.correlation_id()),
            body: serde_json::from_slice(&delivery.data).unwrap(),
        }
    }

    /// The next reply, which must hold stored missions.
    pub async fn missions(&mut self) -> Vec<Value> {
        let Reply { kind, mut body, .. } = self.reply().await;
        assert_eq!(kind, "missions", "{body}");
        body["missions"].as_array_mut().unwrap().drain(..).collect()
    }

    /// The next reply, which must hold one stored mission.
    pub async fn mission(&mut self) -> Value {
        let mut missions = self.missions().await;
        assert_eq!(missions.len(), 1);
        missions.remove(0)
    }

    /// Consumes another queue on this connection.
    pub async fn consume(&self, queue: &str) -> Consumer {
        consume(&self.channel, queue).await
    }

    /// Takes one request before any decider does, and holds it until the channel is closed.
    pub async fn take_first(&self) -> (Channel, Consumer) {
        let channel = self.connection.create_channel().await.unwrap();
        channel.basic_qos(1, BasicQosOptions::default()).await.unwrap();
        let mut first = FieldTable::default();
        first.insert("x-priority".into(), AMQPValue::LongInt(1));
        let (queue, options) = ("mission.requests".into(), BasicConsumeOptions::default());
        let consumer = channel.basic_consume(queue, "".into(), options, first).await.unwrap();
        (channel, consumer)
    }

    /// Removes the messages of this queue.
    pub async fn purge(&self, queue: &str) {
        let dropped = self.channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await;
        assert!(dropped.unwrap() > 0, "{queue} was empty");
    }

    /// Copies of all dead letters that are published from now on.
    pub async fn dead_letter_copies(&self) -> Consumer {
        let exclusive = QueueDeclareOptions { exclusive: true, ..Default::default() };
        let declaring = self.channel.queue_declare("".into(), exclusive, FieldTable::default());
        let queue = declaring.await.unwrap().name().to_string();
        let (exchange, none) = ("mission.dead-letters".into(), FieldTable::default());
        let options = QueueBindOptions::default();
        let name = queue.as_str().into();
        self.channel.queue_bind(name, exchange, "".into(), options, none).await.unwrap();
        self.consume(&queue).await
    }

    /// The dead letters, be they still in their queue or in the table.
    pub async fn dead_letters(&self) -> Vec<DeadLetter> {
        let mut letters = self.waiting_letters().await;
        let rows = sqlx::query("SELECT reason, role, tries, body FROM dead_letters");
        for row in rows.fetch_all(&self.pool).await.unwrap() {
            letters.push(DeadLetter {
                reason: row.get("reason"),
                role: row.get("role"),
                tries: row.get::<u32, _>("tries").into(),
                body: serde_json::from_slice(row.get("body")).unwrap(),
            });
        }
        letters
    }

    /// Waits for this many dead letters in the table.
    pub async fn await_dead_letters(&self, count: usize) -> Vec<DeadLetter> {
        let mut letters = Vec::new();
        eventually(&format!("{count} dead letters"), async || {
            letters = self.dead_letters().await;
            letters.len() >= count
        })
        .await;
        assert_eq!(letters.len(), count);
        letters
    }

    async fn waiting_letters(&self) -> Vec<DeadLetter> {
        let mut letters = Vec::new();
        let channel = self.connection.create_channel().await.unwrap();
        let queue = "mission.dead-letters";
        let get = || channel.basic_get(queue.into(), BasicGetOptions::default());
        while let Some(letter) = get().await.unwrap() {
            let headers = letter.properties.headers().clone().unwrap_or_default();
            letters.push(DeadLetter {
                reason: text(&headers, "reason"),
                role: text(&headers, "role"),
                tries: match headers.inner().get("tries") {
                    Some(AMQPValue::LongLongInt(tries)) => *tries,
                    other => panic!("tries: {other:?}"),
                },
                body: serde_json::from_slice(&letter.data).unwrap(),
            });
        }
        channel.close(200, "seen".into()).await.unwrap(); // all of them return to the queue
        letters
    }
}

pub async fn consume(channel: &Channel, queue: &str) -> Consumer {
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    let none = FieldTable::default();
    channel.basic_consume(queue.into(), "".into(), options, none).await.unwrap()
}

fn text(headers: &FieldTable, name: &str) -> String {
    match headers.inner().get(name) {
        Some(AMQPValue::LongString(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}
