//! What single messages cost on RabbitMQ, with the topology of the table and nobody of ours.

use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use schemas::Part;
use schemas::topology::{
    DECISION_QUEUE, DECISIONS, Exchange, PARTS, REPLIES, REQUESTS, part_queue,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::timing::median;
use crate::failure::Failure;

const PERSISTENT: u8 = 2;
const TRANSIENT: u8 = 1;

/// A client that asks, and clients that reply to it, each on connections of its own.
pub(crate) struct Broker {
    _connections: Vec<Connection>,
    publishing: Channel,
    replies: Consumer,
    address: String,
    /// The body of everything but requests: as long as a mission.
    body: Vec<u8>,
    _workers: JoinSet<()>,
}

impl Broker {
    /// Connects to a virtual host in which the topology is declared and nobody works.
    ///
    /// # Errors
    /// The broker is away, or the topology is not there.
    pub(crate) async fn connect(url: &str, mission: &str) -> Result<Self, Failure> {
        let mut connections = Vec::new();
        let (publishing, replying) =
            (open(url, &mut connections).await?, open(url, &mut connections).await?);
        let address = own_queue(&replying).await?;
        let bind = QueueBindOptions::default();
        let (queue, exchange) = (address.as_str().into(), REPLIES.name.into());
        replying.queue_bind(queue, exchange, address.as_str().into(), bind, none()).await?;
        let replies = consume(&replying, &address).await?;
        let mut workers = JoinSet::new();
        for queue in Part::ALL.into_iter().map(part_queue).chain([DECISION_QUEUE]) {
            let channel = open(url, &mut connections).await?;
            let questions = consume(&channel, queue.name).await?;
            workers.spawn(reply(channel, questions));
        }
        let (body, _workers) = (mission.as_bytes().to_vec(), workers);
        Ok(Self { _connections: connections, publishing, replies, address, body, _workers })
    }

    /// The median of the milliseconds from the publish of a request to its confirm.
    ///
    /// # Errors
    /// The broker does not confirm.
    pub(crate) async fn confirm(&self) -> Result<f64, Failure> {
        self.publishing.confirm_select(ConfirmSelectOptions::default()).await?;
        median(async || {
            let id = Uuid::new_v4().to_string();
            let about = self.about(PERSISTENT).with_message_id(id.as_str().into());
            confirmed(&self.publishing, (REQUESTS.name, ""), about, b"{}").await
        })
        .await
    }

    /// The same for a persistent message to a queue of somebody's own.
    ///
    /// # Errors
    /// The broker does not confirm.
    pub(crate) async fn own_queue(&self) -> Result<f64, Failure> {
        let queue = own_queue(&self.publishing).await?;
        let _taken = consume(&self.publishing, &queue).await?;
        median(async || {
            let about = self.about(PERSISTENT);
            confirmed(&self.publishing, ("", &queue), about, &self.body).await
        })
        .await
    }

    /// The median of the milliseconds from a question to the last of its replies, one for each part.
    ///
    /// # Errors
    /// The connection is lost.
    pub(crate) async fn parts(&mut self) -> Result<f64, Failure> {
        self.round_trip(PARTS, Part::ALL.len()).await
    }

    /// The same for decisions, to which one replies.
    ///
    /// # Errors
    /// The connection is lost.
    pub(crate) async fn decisions(&mut self) -> Result<f64, Failure> {
        self.round_trip(DECISIONS, 1).await
    }

    async fn round_trip(&mut self, exchange: Exchange, replies: usize) -> Result<f64, Failure> {
        let about = self.about(TRANSIENT);
        median(async || {
            let options = BasicPublishOptions::default();
            let (to, key, body) = (exchange.name.into(), "".into(), self.body.as_slice());
            self.publishing.basic_publish(to, key, options, body, about.clone()).await?;
            for _ in 0..replies {
                self.replies.next().await.ok_or("the consumer has ended")??;
            }
            Ok(())
        })
        .await
    }

    fn about(&self, mode: u8) -> BasicProperties {
        let properties = BasicProperties::default().with_delivery_mode(mode);
        let id = Uuid::new_v4().to_string();
        properties
            .with_reply_to(self.address.as_str().into())
            .with_correlation_id(id.as_str().into())
    }
}

/// Replies to each question with the question.
async fn reply(channel: Channel, mut questions: Consumer) {
    while let Some(Ok(question)) = questions.next().await {
        let address = question.properties.reply_to().clone().unwrap_or_default();
        let options = BasicPublishOptions::default();
        let about = BasicProperties::default().with_delivery_mode(TRANSIENT);
        let (to, body) = (REPLIES.name.into(), question.data.as_slice());
        if channel.basic_publish(to, address, options, body, about).await.is_err() {
            return;
        }
    }
}

async fn confirmed(
    channel: &Channel,
    (exchange, key): (&str, &str),
    about: BasicProperties,
    body: &[u8],
) -> Result<(), Failure> {
    let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
    let publishing = channel.basic_publish(exchange.into(), key.into(), mandatory, body, about);
    match publishing.await?.await? {
        Confirmation::Ack(None) => Ok(()),
        other => Err(format!("a message was not confirmed: {other:?}").into()),
    }
}

/// A channel on a connection of its own.
async fn open(url: &str, connections: &mut Vec<Connection>) -> Result<Channel, Failure> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    connections.push(connection);
    Ok(channel)
}

/// Declares a queue that ends with its connection; its name.
async fn own_queue(channel: &Channel) -> Result<String, Failure> {
    let exclusive =
        QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    Ok(channel.queue_declare("".into(), exclusive, none()).await?.name().to_string())
}

async fn consume(channel: &Channel, queue: &str) -> Result<Consumer, Failure> {
    let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
    Ok(channel.basic_consume(queue.into(), "".into(), options, none()).await?)
}

fn none() -> FieldTable {
    FieldTable::default()
}
