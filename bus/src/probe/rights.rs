//! Finds out what a user may do without doing it. Each right is tried with a call that is wrong on
//! purpose: the broker checks the right first, and then refuses the call for its other fault. So
//! nothing is declared, consumed or published; only the broker's log notes the refusals.

use lapin::BasicProperties;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use tokio::time::timeout;

use crate::amqp::Link;
use crate::amqp::declaration::{ACCESS_REFUSED, Outcome, outcome};
use crate::message::CALL;
use crate::{Broker, Fault};

/// A right on the exchange or queue of this name, which need not exist.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To declare it.
    Configure(String),
    /// To consume from it, or to bind a queue to it.
    Read(String),
    /// To publish to it, or to bind it; the default exchange has no name.
    Write(String),
}

/// The result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// What the user may not do.
    pub refused: Vec<Right>,
    /// Whether the broker takes no messages for now because of an alarm. Then some rights to write
    /// could not be tried.
    pub blocked: bool,
}

/// Finds out which of these rights this user lacks. It changes nothing.
///
/// # Errors
/// No connection, or it is lost; each right is waited for 5 s at most.
pub async fn lacking(broker: &Broker, rights: Vec<Right>) -> Result<Rights, Fault> {
    let link = broker.open("check").await?;
    match link.as_amqp() {
        Some(link) => lacking_on(link, rights).await,
        None => Ok(Rights::default()), // everybody may do everything
    }
}

async fn lacking_on(link: &Link, mut rights: Vec<Right>) -> Result<Rights, Fault> {
    rights.sort(); // writing comes last: an alarm stops a connection that publishes
    rights.dedup();
    let mut found = Rights::default();
    for right in rights {
        // A call waits for as long as the broker blocks the connection; this one does not.
        match timeout(CALL, may(link, &right)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => found.refused.push(right),
            Ok(Err(fault)) => return Err(fault),
            Err(_) if link.is_blocked() => {
                found.blocked = true;
                break;
            }
            Err(_) => return Err(Fault::Timeout { step: "try a right", deadline: CALL }),
        }
    }
    Ok(found)
}

/// Whether the user has this right. The call is wrong in another way on purpose.
async fn may(link: &Link, right: &Right) -> Result<bool, Fault> {
    let channel = link.channels().open().await?;
    let mut wrong = FieldTable::default();
    let outcome = match right {
        Right::Configure(name) => {
            wrong.insert("x-expires".into(), AMQPValue::LongString("never".into()));
            let options = QueueDeclareOptions { auto_delete: true, ..Default::default() };
            outcome(&channel, channel.queue_declare(name.as_str().into(), options, wrong)).await
        }
        Right::Read(name) => {
            wrong.insert("x-priority".into(), AMQPValue::LongString("none".into()));
            let (tag, options) = ("check".into(), BasicConsumeOptions::default());
            outcome(&channel, channel.basic_consume(name.as_str().into(), tag, options, wrong))
                .await
        }
        Right::Write(name) => {
            let selecting = channel.confirm_select(ConfirmSelectOptions::default());
            channel.within(CALL, "turn on confirms", selecting).await?;
            let wrong = BasicProperties::default().with_expiration("never".into());
            let options = BasicPublishOptions { mandatory: true, immediate: false };
            let key = "spymission.check".into();
            let publishing = channel.basic_publish(name.as_str().into(), key, options, b"", wrong);
            outcome(&channel, async { publishing.await?.await }).await
        }
    };
    match outcome? {
        Outcome::Refused { code, .. } => Ok(code != ACCESS_REFUSED),
        Outcome::Done => Ok(true),
    }
}
