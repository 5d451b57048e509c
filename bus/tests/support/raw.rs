//! A plain AMQP client.

use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ExchangeDeclareOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};

use crate::support::poll::eventually;

/// A connection with a channel.
pub(crate) struct Raw {
    pub(crate) connection: Connection,
    pub(crate) channel: Channel,
}

/// The value of a queue argument.
pub(crate) enum Value {
    Text(&'static str),
    Whole(i64),
}

pub(crate) fn table(arguments: &[(&str, Value)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in arguments {
        let value = match value {
            Value::Text(text) => AMQPValue::LongString((*text).into()),
            Value::Whole(n) => AMQPValue::LongLongInt(*n),
        };
        table.insert((*key).into(), value);
    }
    table
}

impl Raw {
    pub(crate) async fn open(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        Self { connection, channel }
    }

    /// Declares a durable queue; it must not differ from one that is there.
    pub(crate) async fn declare(&self, queue: &str, arguments: &[(&str, Value)]) {
        let options = QueueDeclareOptions { durable: true, ..Default::default() };
        self.channel.queue_declare(queue.into(), options, table(arguments)).await.unwrap();
    }

    /// Declares a durable exchange; it must not differ from one that is there.
    pub(crate) async fn declare_exchange(&self, name: &str, kind: ExchangeKind) {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        let none = FieldTable::default();
        self.channel.exchange_declare(name.into(), kind, options, none).await.unwrap();
    }

    /// Whether there is such a queue.
    pub(crate) async fn has_queue(&mut self, queue: &str) -> bool {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let asking = self.channel.queue_declare(queue.into(), options, FieldTable::default());
        let found = asking.await.is_ok();
        if !found {
            self.channel = self.connection.create_channel().await.unwrap();
        }
        found
    }

    pub(crate) async fn publish(&self, exchange: &str, properties: BasicProperties, body: &[u8]) {
        let (options, key) = (BasicPublishOptions::default(), "");
        let publishing =
            self.channel.basic_publish(exchange.into(), key.into(), options, body, properties);
        publishing.await.unwrap().await.unwrap();
    }

    /// Takes the next message of a queue for good.
    pub(crate) async fn get(&self, queue: &str) -> BasicGetMessage {
        eventually("a message", async || {
            let options = BasicGetOptions { no_ack: true };
            self.channel.basic_get(queue.into(), options).await.unwrap()
        })
        .await
    }
}
