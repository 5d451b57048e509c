//! RabbitMQ names only the first argument that differs. If that is a limit, which an operator may
//! have set on purpose, another argument may differ, too.

use schemas::topology::{Argument, Queue};

use super::channels::Channels;
use super::declaration::{Outcome, declare_queue};
use crate::Fault;

const LIMITS: [&str; 4] =
    ["x-max-length", "x-max-length-bytes", "x-message-ttl", "x-delivery-limit"];

/// Whether the refused queue differs from the table in its limits alone. It is declared with the
/// limits that it has, one after the other, until nothing differs. That changes nothing.
pub(super) async fn are_all_that_differs(
    channels: &Channels,
    queue: &Queue,
    refusal: &str,
) -> Result<bool, Fault> {
    let mut arguments = queue.arguments();
    let mut refusal = refusal.to_owned();
    for _ in LIMITS {
        let named = |limit: &&str| refusal.contains(&format!("'{limit}'"));
        let Some(limit) = LIMITS.into_iter().find(named) else { return Ok(false) };
        arguments.retain(|(key, _)| *key != limit);
        arguments.extend(current(&refusal).map(|n| (limit, Argument::Whole(n))));
        let channel = channels.open().await?;
        match declare_queue(&channel, queue, arguments.clone(), false).await? {
            Outcome::Done => return Ok(true),
            Outcome::Refused { text, .. } => refusal = text,
        }
    }
    Ok(false)
}

/// `… received '100000' but current is '5'`, or `… is the value '5' of type 'long'`, or `… is none`.
fn current(refusal: &str) -> Option<i64> {
    let (_, current) = refusal.split_once("but current is")?;
    current.split('\'').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_a_queue_has_is_read_from_the_refusal() {
        assert_eq!(current("received '7' but current is '5'"), Some(5));
        let typed =
            "received the value '7' of type 'long' but current is the value '5' of type 'x'";
        assert_eq!(current(typed), Some(5));
        assert_eq!(current("received the value '7' of type 'long' but current is none"), None);
    }
}
