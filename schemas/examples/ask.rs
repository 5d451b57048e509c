//! Requests a mission over AMQP and prints it: ask [amqp://user:password@host:5672/%2f]
#![expect(clippy::print_stdout, reason = "the mission")]

use futures_util::StreamExt;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let local = || "amqp://guest:guest@localhost:5672/%2f".to_owned();
    let url = std::env::args().nth(1).unwrap_or_else(local);
    let id = uuid::Uuid::new_v4().to_string();

    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let (direct, no_ack) =
        ("amq.rabbitmq.reply-to", BasicConsumeOptions { no_ack: true, ..Default::default() });
    let mut replies =
        channel.basic_consume(direct.into(), "".into(), no_ack, Default::default()).await?;

    let request = BasicProperties::default()
        .with_message_id(id.as_str().into())
        .with_correlation_id(id.as_str().into())
        .with_reply_to(direct.into())
        .with_delivery_mode(2);
    let mandatory = BasicPublishOptions { mandatory: true, ..Default::default() };
    let publishing =
        channel.basic_publish("mission.requests".into(), "".into(), mandatory, b"{}", request);
    // Without confirms and mandatory nobody reports a request that no queue took.
    if publishing.await?.await? != Confirmation::Ack(None) {
        return Err("no queue took the request".into());
    }
    while let Some(reply) = replies.next().await.transpose()? {
        if reply.properties.correlation_id().as_ref().is_some_and(|of| of.as_str() == id) {
            println!("{}", String::from_utf8_lossy(&reply.data));
            let kind = reply.properties.kind().as_ref().map(|kind| kind.as_str());
            let is_mission = kind == Some("missions"); // "problem": the body says why
            return is_mission.then_some(()).ok_or_else(|| "it was refused".into());
        }
    }
    Err("the connection was lost before the reply".into())
}
