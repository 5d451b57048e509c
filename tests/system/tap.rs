//! A copy of everything that is published in a virtual host.

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, Consumer};
use serde_json::{Map, Value};

use crate::caller::consume;
use crate::judge::Published;
use crate::system::{DEADLINE, System};

/// RabbitMQ's firehose, bound to a queue of the test.
pub struct Tap {
    copies: Consumer,
    _connection: Connection,
}

impl Tap {
    /// Copies from now on.
    pub async fn open(system: &System) -> Self {
        system.vhost.as_ref().unwrap().trace();
        let connecting = Connection::connect(&system.amqp, ConnectionProperties::default());
        let connection = connecting.await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        let exclusive = QueueDeclareOptions { exclusive: true, ..Default::default() };
        let declaring = channel.queue_declare("".into(), exclusive, FieldTable::default());
        let queue = declaring.await.unwrap().name().to_string();
        let (exchange, published) = ("amq.rabbitmq.trace".into(), "publish.#".into());
        let (none, options) = (FieldTable::default(), QueueBindOptions::default());
        let binding = channel.queue_bind(queue.as_str().into(), exchange, published, options, none);
        binding.await.unwrap();
        Self { copies: consume(&channel, &queue).await, _connection: connection }
    }

    /// The next published message.
    pub async fn next(&mut self) -> Published {
        let waiting = tokio::time::timeout(DEADLINE, self.copies.next());
        read(waiting.await.expect("a message in time").unwrap().unwrap())
    }
}

/// The message that this is a copy of: its properties are a header of the copy.
fn read(copy: Delivery) -> Published {
    let told = json_table(copy.properties.headers().as_ref().unwrap());
    let mut properties = told["properties"].clone();
    let headers = properties.as_object_mut().unwrap().remove("headers");
    Published {
        exchange: told["exchange_name"].as_str().unwrap().to_owned(),
        headers: headers.unwrap_or_else(|| Map::new().into()),
        properties,
        body: copy.data,
    }
}

fn json_table(table: &FieldTable) -> Value {
    let members = table.inner().iter();
    members.map(|(name, value)| (name.to_string(), json(value))).collect::<Map<_, _>>().into()
}

fn json(value: &AMQPValue) -> Value {
    match value {
        AMQPValue::LongString(text) => String::from_utf8_lossy(text.as_bytes()).into(),
        AMQPValue::ShortString(text) => text.as_str().into(),
        AMQPValue::Boolean(value) => (*value).into(),
        AMQPValue::ShortShortInt(n) => (*n).into(),
        AMQPValue::ShortShortUInt(n) => (*n).into(),
        AMQPValue::ShortInt(n) => (*n).into(),
        AMQPValue::ShortUInt(n) => (*n).into(),
        AMQPValue::LongInt(n) => (*n).into(),
        AMQPValue::LongUInt(n) => (*n).into(),
        AMQPValue::LongLongInt(n) => (*n).into(),
        AMQPValue::Timestamp(n) => (*n).into(),
        AMQPValue::FieldTable(table) => json_table(table),
        AMQPValue::FieldArray(items) => items.as_slice().iter().map(json).collect(),
        other => panic!("{other:?}"),
    }
}
