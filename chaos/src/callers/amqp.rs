//! Callers over AMQP: a queue of their own, or direct reply-to.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer};
use schemas::topology::REQUESTS;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::history::{History, Outcome, Told, Way};

/// How long a connection, a confirm and a reply may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two requests of one caller.
const PAUSE: Duration = Duration::from_millis(150);
/// The pseudo-queue of direct reply-to.
const DIRECT: &str = "amq.rabbitmq.reply-to";
/// The queue in our own namespace that no reply may reach.
pub(crate) const CANARY: &str = "mission.canary";

struct Session {
    _connection: Connection,
    channel: Channel,
    replies: Consumer,
    address: String,
}

impl Session {
    async fn open(url: &str, direct: bool) -> lapin::Result<Self> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let none = FieldTable::default();
        let address = if direct {
            DIRECT.to_owned()
        } else {
            let own =
                QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
            channel.queue_declare("".into(), own, none.clone()).await?.name().to_string()
        };
        let no_ack = BasicConsumeOptions { no_ack: true, ..Default::default() };
        let queue = address.as_str().into();
        let replies = channel.basic_consume(queue, "".into(), no_ack, none).await?;
        Ok(Self { _connection: connection, channel, replies, address })
    }

    /// Publishes, and says whether the broker has confirmed.
    async fn publish(
        &self,
        ids: &[Uuid],
        correlation: &str,
        reply_to: &str,
    ) -> Result<bool, lapin::Error> {
        let about = BasicProperties::default()
            .with_delivery_mode(2)
            .with_correlation_id(correlation.into())
            .with_reply_to(reply_to.into());
        let body = json!({ "missions": ids }).to_string();
        let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
        let (exchange, key) = (REQUESTS.name.into(), "".into());
        let publishing =
            self.channel.basic_publish(exchange, key, mandatory, body.as_bytes(), about);
        Ok(matches!(publishing.await?.await?, Confirmation::Ack(None)))
    }

    /// The reply with this correlation id; replies to earlier requests are passed over.
    async fn reply(&mut self, correlation: &str) -> Option<Outcome> {
        while let Some(Ok(reply)) = self.replies.next().await {
            let text = |property: &Option<lapin::types::ShortString>| {
                property.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default()
            };
            if text(reply.properties.correlation_id()) == correlation {
                let body: Value = serde_json::from_slice(&reply.data).unwrap_or_default();
                return Some(read(&text(reply.properties.kind()), body));
            }
        }
        None
    }
}

fn read(kind: &str, mut body: Value) -> Outcome {
    if kind != "missions" {
        return Outcome::SetAside(body.to_string());
    }
    let list = body.get_mut("missions").map(Value::take).unwrap_or_default();
    serde_json::from_value(list).map_or_else(|e| Outcome::Unknown(e.to_string()), Outcome::Stored)
}

/// One request after the other, on a new connection after every trouble. Every twentieth forges its
/// return address: the canary must never hear of it.
pub(super) async fn calls(
    caller: u32,
    direct: bool,
    urls: Vec<String>,
    history: Arc<History>,
    until: impl Fn() -> bool,
) {
    let (mut session, mut nodes) = (None, urls.iter().cycle().skip(caller as usize % 9));
    for turn in 0_u64.. {
        if until() {
            break;
        }
        sleep(PAUSE).await;
        let Some(mut open) = session.take() else {
            let Some(url) = nodes.next() else { break };
            session = timeout(PATIENCE, Session::open(url, direct)).await.ok().and_then(Result::ok);
            continue;
        };
        let (forged, count) = (turn % 20 == 19, if turn % 4 == 3 { 5 } else { 1 });
        let ids: Vec<_> = (0..count).map(|_| Uuid::new_v4()).collect();
        let began = history.now();
        let (outcome, fine) = call(&mut open, &ids, forged).await;
        let (ended, way) = (history.now(), Way::Amqp);
        let (key, read_back) = (None, None);
        history.add(Told { caller, way, began, ended, ids, count, key, outcome, read_back });
        if fine {
            session = Some(open);
        }
    }
}

/// One request. Whether the connection is good for another.
async fn call(session: &mut Session, ids: &[Uuid], forged: bool) -> (Outcome, bool) {
    let correlation = Uuid::new_v4().to_string();
    let address = if forged { CANARY.to_owned() } else { session.address.clone() };
    match timeout(PATIENCE, session.publish(ids, &correlation, &address)).await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => return (Outcome::Unknown("returned or refused".to_owned()), true),
        Ok(Err(error)) => return (Outcome::Unknown(error.to_string()), false),
        Err(_) => return (Outcome::Unknown("no confirm in time".to_owned()), false),
    }
    if forged {
        return (Outcome::Accepted(ids.to_vec()), true);
    }
    match timeout(PATIENCE, session.reply(&correlation)).await {
        Ok(Some(outcome)) => (outcome, true),
        _ => (Outcome::Accepted(ids.to_vec()), false), // confirmed; the reply may be lost
    }
}
